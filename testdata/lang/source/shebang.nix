#!/usr/bin/env nix-instantiate
1
