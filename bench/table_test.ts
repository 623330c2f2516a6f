import { assertEquals } from "@std/assert";
import { formatTable } from "./table.ts";

Deno.test("formatTable() lines columns up and is Markdown", () => {
  const columns = [{ title: "workload", align: "left" }, { title: "s", align: "right" }] as const;
  assertEquals(
    formatTable(columns, [["fib", "0.5"], ["json × 2", "10.25"]]),
    `| workload |     s |
| -------- | ----: |
| fib      |   0.5 |
| json × 2 | 10.25 |
`,
  );
});

Deno.test("formatTable() keeps bars within cells", () => {
  assertEquals(formatTable([{ title: "a", align: "left" }], [["x|y"]]), "| a    |\n| ---- |\n| x\\|y |\n");
});

Deno.test("formatTable() without rows is a heading", () => {
  assertEquals(formatTable([{ title: "a", align: "right" }], []), "|   a |\n| --: |\n");
});
