/**
 * A share of a command's work, done by a process of its own: `--jobs N`.
 *
 * The process that was asked (`parent.ts`) starts others with the same command line; each reads it as ever, waits to be told
 * which attributes are its own, and says what each came to. One of them, which has all the words for it, prints what there
 * is to print of all. Lines of JSON go both ways; texts are binary strings.
 */
import type { LineReader } from "../../serve/lines.ts";

/** Set for the processes that do a share: "colours" or "plain", and a number, 0 for the first. */
export const WORKER_VARIABLE = "DEVIX_WORKER";

/** What an attribute came to. */
export interface Piece {
  /** What the command prints of it, or keeps to print at the end. */
  readonly text: string;
  /** An exit code; 0 if all is well. */
  readonly code: number;
  /** Whether what comes after it isn't wanted any more. */
  readonly stop: boolean;
}

/** How a command's work is shared. */
export interface Share {
  /** Returns the attributes there are. */
  attrs(): readonly string[];
  evaluate(attr: string): Piece;
  /** Returns what there is to know besides, when all is evaluated. */
  rest(): unknown;
  /** Prints everything; `rests` are those of all processes, this one's first. Returns the exit code. */
  print(pieces: readonly Piece[], rests: readonly unknown[]): number;
  /** Called last. */
  close?(): void;
}

/** To a process that does a share. */
export type Order =
  | { readonly do: "plan" }
  | { readonly do: "evaluate"; readonly attrs: readonly string[] }
  | { readonly do: "rest" }
  | { readonly do: "print"; readonly pieces: readonly Piece[]; readonly rests: readonly unknown[] };

/** From it: the answer to an order, with what was logged on the way. */
export interface Report {
  readonly err: string;
  readonly attrs?: readonly string[];
  readonly pieces?: readonly (Piece & { readonly err: string })[];
  readonly rest?: unknown;
  readonly out?: string;
  readonly code?: number;
}

/** Where a process that does a share gets its orders, and what it says. */
export interface Orders {
  readonly lines: Pick<LineReader, "next">;
  /** Takes what was logged since it was last taken. */
  readonly takeErr: () => string;
  readonly takeOut: () => string;
  readonly answer: (report: Report) => void;
}

/** Does all of the work in this process. */
export function doAlone(share: Share): number {
  try {
    const pieces: Piece[] = [];
    for (const attr of share.attrs()) {
      const piece = share.evaluate(attr);
      pieces.push(piece);
      if (piece.stop) break;
    }
    return share.print(pieces, [share.rest()]);
  } finally {
    share.close?.();
  }
}

/** Carries out orders until there are no more; returns the exit code. */
export function doShare(share: Share, { lines, takeErr, takeOut, answer }: Orders): number {
  let code = 0;
  for (let line; (line = lines.next()) !== undefined;) {
    if (!("text" in line)) continue;
    const order: Order = JSON.parse(line.text);
    switch (order.do) {
      case "plan": {
        const attrs = share.attrs();
        answer({ err: takeErr(), attrs });
        break;
      }
      case "evaluate": {
        const pieces = order.attrs.map((attr) => ({ ...share.evaluate(attr), err: takeErr() }));
        answer({ err: "", pieces });
        break;
      }
      case "rest": {
        const rest = share.rest();
        answer({ err: takeErr(), rest });
        break;
      }
      case "print":
        code = share.print(order.pieces, order.rests);
        answer({ err: takeErr(), out: takeOut(), code });
    }
  }
  share.close?.();
  return code;
}
