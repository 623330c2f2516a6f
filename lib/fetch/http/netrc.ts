// The netrc file: who one is on which host. As curl reads it: words, in quotes if they hold blanks; `macdef` up to an empty
// line is passed over; the first entry for a host counts, `default` is for all hosts after it. Binary strings, all of it.

/** A name and a password. */
export interface Credentials {
  readonly login: string;
  readonly password: string;
}

interface Entry extends Partial<Credentials> {
  /** Undefined for all hosts. */
  readonly host: string | undefined;
  login?: string;
  password?: string;
}

/** Returns the credentials for a host, and for that name on it if there is one; undefined if the file has none. */
export function findCredentials(
  netrc: string,
  wanted: { readonly host: string; readonly login?: string },
): Credentials | undefined {
  const host = wanted.host.toLowerCase();
  const found = parseNetrc(netrc).find((entry) =>
    (entry.host === undefined || entry.host === host) &&
    (entry.login !== undefined || entry.password !== undefined) &&
    (wanted.login === undefined || (entry.login ?? wanted.login) === wanted.login)
  );
  return found && { login: found.login ?? wanted.login ?? "", password: found.password ?? "" };
}

function parseNetrc(netrc: string): Entry[] {
  const words = splitWords(netrc.replace(/^[ \t]*macdef[^]*?(?:\n[ \t]*\n|(?![^]))/gm, ""));
  const entries: Entry[] = [];
  let current: Entry | undefined;
  for (let i = 0; i < words.length; i++) {
    switch (words[i].toLowerCase()) {
      case "machine":
        entries.push(current = { host: (words[++i] ?? "").toLowerCase() });
        break;
      case "default":
        entries.push(current = { host: undefined });
        break;
      case "login":
        i++;
        if (current !== undefined) current.login = words[i];
        break;
      case "password":
        i++;
        if (current !== undefined) current.password = words[i];
        break;
      case "account":
        i++;
    }
  }
  return entries;
}

function splitWords(text: string): string[] {
  const words: string[] = [];
  const word = /#[^\n]*|"((?:[^"\\]|\\.)*)"|[^ \t\n\v\f\r]+/g;
  for (const match of text.matchAll(word)) {
    if (match[0][0] === "#") continue;
    // A quotation mark without its other one: the file is none.
    if (match[0][0] === '"' && match[1] === undefined) return [];
    words.push(match[1] === undefined ? match[0] : match[1].replace(/\\(.)/g, unescape));
  }
  return words;
}

function unescape(_: string, char: string): string {
  return char === "n" ? "\n" : char === "r" ? "\r" : char === "t" ? "\t" : char;
}
