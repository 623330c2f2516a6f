/** The process of a worker: what it would print goes to who gave the orders. */
import { encodeUtf8 } from "../../mod.ts";
import { LineReader } from "../../serve/lines.ts";
import type { Process } from "../process.ts";
import { endWithParent, stdinSource } from "../stdin.ts";
import { type Report, WORKER_VARIABLE } from "./share.ts";

/** Returns a process that takes orders on standard input. */
export function workerProcess(process: Process): Process {
  endWithParent();
  const [, how, index] = /^([a-z]*)(\d*)$/.exec(process.env(WORKER_VARIABLE) ?? "") ?? [];
  // Nix programs and other children have no business with it.
  Deno.env.delete(WORKER_VARIABLE);
  let out = "";
  let err = "";
  let ordered = false;
  const lines = new LineReader(stdinSource(), { maxBytes: Infinity });
  const orders = {
    lines: {
      next: () => {
        ordered = true;
        return lines.next();
      },
    },
    takeErr: () => {
      const text = err;
      err = "";
      return text;
    },
    takeOut: () => {
      const text = out;
      out = "";
      return text;
    },
    answer: (report: Report) => process.out(encodeUtf8(JSON.stringify(report)) + "\n"),
  };
  return {
    ...process,
    answers: undefined,
    colours: how === "colours",
    terminal: false,
    orders,
    out: (text) => void (out += text),
    // A command line that is wrong is nothing to wait for orders with; one process says so.
    err: (text) => ordered ? void (err += text) : index === "0" ? process.err(text) : undefined,
    passing: () => {},
  };
}
