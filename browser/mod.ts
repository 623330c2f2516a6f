/**
 * Puts stand-ins where the language looks for Node's modules. To be imported before `@devix/devix/language` where there is
 * no Node; it does nothing where there is.
 */
import * as buffer from "./_node_buffer.ts";
import * as crypto from "./_node_crypto.ts";

const MODULES: Readonly<Record<string, unknown>> = { "node:buffer": buffer, "node:crypto": crypto };

const world = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
world.process ??= {};
world.process.getBuiltinModule ??= (name) => MODULES[name];
