// Files of this machine, "downloaded" by file: URLs as curl does it.

import { binaryToUtf8 } from "../../format/bytes.ts";
import type { ByteStream } from "../archive/sink.ts";
import { FetchError, mark, reasonOf } from "../errors.ts";
import type { FetchActivity, FetchReport } from "../report.ts";
import { parseUrl, urlPathToFile } from "../url.ts";
import { fatalError } from "./errors.ts";
import type { HttpAnswer, HttpRequest } from "./request.ts";

const CHUNK_BYTES = 1 << 18;

/** Hands the contents of a file to `consume` and returns what that made of them. @throws {FetchError} */
export async function readLocalFile<T>(
  { url }: HttpRequest,
  { consume, report }: { readonly consume: (body: ByteStream) => Promise<T>; readonly report: FetchReport },
): Promise<{ readonly answer: HttpAnswer; readonly value: T }> {
  const path = filePath(url);
  const activity = report.start({ kind: "download", url });
  try {
    let file: Deno.FsFile;
    try {
      const name = binaryToUtf8(path);
      if ((await Deno.stat(name)).isDirectory) throw new Error("Is a directory");
      file = await Deno.open(name);
    } catch (e) {
      const why = e instanceof Deno.errors.NotFound ? `Could not open file ${path}` : reasonOf(e);
      throw new FetchError(
        "not-found",
        mark`unable to download '${url}': ${"Could not read a file:// file"} (${37}) ` + why,
        { cause: e },
      );
    }
    const value = await consume(chunks(file, activity));
    return { answer: { unchanged: false, etag: "", urls: [url], immutableUrl: undefined }, value };
  } finally {
    activity.stop();
  }
}

async function* chunks(file: Deno.FsFile, activity: FetchActivity): AsyncGenerator<Uint8Array> {
  try {
    const { size } = await file.stat();
    for (let done = 0;;) {
      const chunk = new Uint8Array(CHUNK_BYTES);
      const n = await file.read(chunk);
      if (n === null) return;
      done += n;
      activity.progress(done, size);
      yield chunk.subarray(0, n);
    }
  } finally {
    file.close();
  }
}

/** Returns the file a URL names; as with curl this machine may be named, and no other. */
function filePath(url: string): string {
  const local = url.replace(/^file:(?:\/\/(?:localhost|127\.0\.0\.1)?(?=\/))?/i, "file:");
  if (local.startsWith("file://")) {
    throw fatalError(url, "URL using bad/illegal format or missing URL (3) URL rejected: Bad file:// URL");
  }
  return urlPathToFile(parseUrl(local).path);
}
