// The expected texts are what the pinned C++ Nix wrote to a terminal for the program in question.
import { assertEquals } from "@std/assert";
import { NO_POS, PosTable } from "../syntax/positions.ts";
import { NixError } from "./errors.ts";
import { renderError, renderWarning } from "./render_error.ts";

const R = "\x1b[31;1m";
const B = "\x1b[34;1m";
const W = "\x1b[35;1m";
const N = "\x1b[0m";
const ETC = "\xe2\x80\xa6";

function setup(text: string, kind: "string" | "stdin" | "file" = "string") {
  const positions = new PosTable();
  const source = positions.addSource(kind === "file" ? { kind, path: "/t/a.nix" } : { kind }, text);
  const pos = (offset: number) => source.base + offset;
  const render = (error: NixError, showTrace = false) => renderError(error, { positions, showTrace });
  return { positions, pos, render };
}

Deno.test("renderError() writes the message alone where there is no position", () => {
  const { render } = setup("");
  assertEquals(render(new NixError("eval", "boo\n  more  \n")), `${R}error:${N} boo\n         more`);
});

Deno.test("renderError() shows the line and its neighbours", () => {
  const { render, pos } = setup("let\n  x = 1;\nin y\n", "file");
  assertEquals(
    render(new NixError("undefined-variable", `undefined variable '${W}y${N}'`, pos(16))),
    `${R}error:${N} undefined variable '${W}y${N}'
       ${B}at ${W}/t/a.nix:3:4${N}:
            2|   x = 1;
            3| in y
             |    ${R}^${N}
            4|`,
  );
});

Deno.test("renderError() counts CR and CRLF as line ends", () => {
  const { render, pos } = setup("a\r\nb\rc\r\n\r\nd", "stdin");
  assertEquals(
    render(new NixError("eval", "m", pos(5))),
    `${R}error:${N} m
       ${B}at ${W}\xc2\xabstdin\xc2\xbb:3:1${N}:
            2| b
            3| c
             | ${R}^${N}
            4|`,
  );
});

Deno.test("renderError() shows no code of an empty text", () => {
  const { render, pos } = setup("");
  assertEquals(
    render(new NixError("parse", "m", pos(0))),
    `${R}error:${N} m\n       ${B}at ${W}\xc2\xabstring\xc2\xbb:1:1${N}:`,
  );
});

Deno.test("renderError() ends a text from stdin at its first NUL", () => {
  const { render, pos } = setup("a b\0c\nd", "stdin");
  assertEquals(
    render(new NixError("parse", "m", pos(2))),
    `${R}error:${N} m
       ${B}at ${W}\xc2\xabstdin\xc2\xbb:1:3${N}:
            1| a b
             |   ${R}^${N}`,
  );
});

Deno.test("renderError() shows frames outermost first, above the message", () => {
  const { render, pos } = setup("assert 1 == 2; 3");
  const error = new NixError("assert", "integers differ").addFrame(pos(0), "while evaluating the condition");
  assertEquals(
    render(error.addFrame(NO_POS, "while doing more")),
    `${R}error:${N}
       ${ETC} while doing more

       ${ETC} while evaluating the condition
         ${B}at ${W}\xc2\xabstring\xc2\xbb:1:1${N}:
            1| assert 1 == 2; 3
             | ${R}^${N}

       ${R}error:${N} integers differ`,
  );
});

Deno.test("renderError() cuts the trace at four counts, two for a frame with a position", () => {
  const { render, pos } = setup("x");
  const error = new NixError("eval", "m");
  for (const n of [5, 4, 3]) error.addFrame(NO_POS, `frame ${n}`);
  error.addFrame(NO_POS, "kept", true);
  for (const n of [2, 1]) error.addFrame(pos(0), `frame ${n}`);
  const place = `         ${B}at ${W}\xc2\xabstring\xc2\xbb:1:1${N}:\n            1| x\n             | ${R}^${N}\n`;
  assertEquals(
    render(error),
    `${R}error:${N}
       ${ETC} frame 1
${place}
       ${ETC} frame 2
${place}
       ${ETC} kept

       ${W}(stack trace truncated; use '--show-trace' to show the full, detailed trace)${N}

       ${R}error:${N} m`,
  );
  assertEquals(render(error, true).includes("frame 5"), true);
  assertEquals(render(error, true).includes("truncated"), false);
});

Deno.test("renderError() folds more than five repeated frames into one line", () => {
  const { render } = setup("");
  const repeated = (times: number) => {
    const error = new NixError("eval", "m").addFrame(NO_POS, "inner");
    for (let i = 0; i < times; i++) error.addFrame(NO_POS, "ctx", true);
    return render(error, true);
  };
  assertEquals(
    repeated(7),
    `${R}error:${N}
       ${ETC} ctx

       ${W}(6 duplicate frames omitted)${N}

       ${ETC} inner

       ${R}error:${N} m`,
  );
  assertEquals(repeated(6).match(/ctx/g)?.length, 6);
});

Deno.test("renderError() leaves out frames without text", () => {
  const { render } = setup("");
  assertEquals(render(new NixError("eval", "m").addFrame(NO_POS, "")), `${R}error:${N}\n       ${R}error:${N} m`);
});

Deno.test("renderError() offers names", () => {
  const { render } = setup("");
  const offer = (...names: string[]) => {
    const error = new NixError("eval", "m");
    error.suggestions = names;
    return render(error).split("\n")[1];
  };
  assertEquals(offer("a"), `       Did you mean ${W}a${N}?`);
  assertEquals(offer("a", "b"), `       Did you mean one of ${W}a${N} or ${W}b${N}?`);
  assertEquals(offer("a", "b", "c"), `       Did you mean one of ${W}a${N}, ${W}b${N} or ${W}c${N}?`);
});

Deno.test("renderWarning() marks warnings of expressions", () => {
  const { positions, pos } = setup("x");
  assertEquals(
    renderWarning("a\nb", { positions, fromExpr: true }),
    `${W}evaluation warning:${N} a\n                    b`,
  );
  assertEquals(
    renderWarning("w", { positions, pos: pos(0) }),
    `${W}warning:${N} w
         ${B}at ${W}\xc2\xabstring\xc2\xbb:1:1${N}:
              1| x
               | ${R}^${N}`,
  );
});
