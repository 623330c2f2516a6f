/** Tables for a terminal that are Markdown as well, so that they can go into docs/performance.md as they are. */

/** A column: its heading, and on which side its cells stand. */
export interface Column {
  readonly title: string;
  readonly align: "left" | "right";
}

/** Returns a table of lines that end in "\n". A row has one cell for each column; cells hold no line breaks. */
export function formatTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const titles = columns.map(({ title }) => title);
  const lines = [titles, ...rows].map((row) => row.map((cell) => cell.replaceAll("|", "\\|")));
  const widths = columns.map((_, at) => Math.max(3, ...lines.map((line) => length(line[at]))));
  const pad = (cell: string, at: number) => {
    const space = " ".repeat(widths[at] - length(cell));
    return columns[at].align === "left" ? cell + space : space + cell;
  };
  const rule = columns.map(({ align }, at) =>
    align === "left" ? "-".repeat(widths[at]) : "-".repeat(widths[at] - 1) + ":"
  );
  const [head, ...body] = lines.map((line) => line.map(pad));
  return [head, rule, ...body].map((cells) => `| ${cells.join(" | ")} |\n`).join("");
}

/** The number of characters, of which "×" is one. */
function length(cell: string): number {
  return [...cell].length;
}
