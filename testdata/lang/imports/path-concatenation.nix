(import (./_files + "/nested" + "/level-two.nix")).value
