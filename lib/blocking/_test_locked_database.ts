/** For tests: somebody else who makes a database at this moment. */

const HOLDER = `
import { DatabaseSync } from "node:sqlite";
self.onmessage = ({ data: { file, milliseconds } }) => {
  const db = new DatabaseSync(file);
  db.exec("BEGIN IMMEDIATE");
  self.postMessage("locked");
  setTimeout(() => {
    db.exec("COMMIT");
    db.close();
    self.close();
  }, milliseconds);
};
`;

/** Locks a database for a time, in another thread, in the way that SQLite refuses at once to turn it to WAL. */
export async function lockDatabase(file: string, milliseconds: number): Promise<void> {
  const holder = new Worker(`data:application/javascript,${encodeURIComponent(HOLDER)}`, { type: "module" });
  const locked = new Promise((resolve) => holder.onmessage = resolve);
  holder.postMessage({ file, milliseconds });
  await locked;
}
