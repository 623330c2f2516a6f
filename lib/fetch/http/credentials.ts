// Who one is at a URL: what it says itself, with the password of the netrc file if it has none.

import { bytesToBinary } from "../../format/bytes.ts";
import { type Credentials, findCredentials } from "./netrc.ts";
import { decodePercent, hostOf } from "./proxy.ts";

/** Knows who one is where. */
export class UrlCredentials {
  readonly #netrcFile: string;
  #netrc: string | undefined;

  /** The file is read when it is first wanted. */
  constructor(netrcFile: string) {
    this.#netrcFile = netrcFile;
  }

  /** Returns the header that says who one is; undefined where nobody asked for anyone. */
  authorization(url: URL): string | undefined {
    const credentials = this.#find(url);
    return credentials && `Basic ${btoa(`${credentials.login}:${credentials.password}`)}`;
  }

  #find(url: URL): Credentials | undefined {
    const login = decodePercent(url.username);
    const password = decodePercent(url.password);
    const own = login === "" && password === "" ? undefined : { login, password };
    if (login !== "" && password !== "") return own;
    const wanted = login === "" ? {} : { login };
    return findCredentials(this.#readNetrc(), { host: hostOf(url), ...wanted }) ?? own;
  }

  #readNetrc(): string {
    if (this.#netrc === undefined) {
      try {
        this.#netrc = bytesToBinary(Deno.readFileSync(this.#netrcFile));
      } catch {
        // As with curl, a file that can't be read is none.
        this.#netrc = "";
      }
    }
    return this.#netrc;
  }
}
