// The netrc file: who one is on which host. As curl reads it: words, in quotes if they hold blanks; `macdef` up to an empty
// line is passed over; the first entry for a host counts, `default` is for all hosts after it.

/** A name and a password. */
export interface Credentials {
  readonly login: string;
  readonly password: string;
}

/** Returns the credentials for a host, undefined if the file has none. */
export function findCredentials(netrc: string, host: string): Credentials | undefined {
  const words = splitWords(netrc.replace(/^[ \t]*macdef[^]*?(?:\n[ \t]*\n|(?![^]))/gm, ""));
  let matches = false;
  let login: string | undefined;
  let password: string | undefined;
  for (let i = 0; i < words.length; i++) {
    switch (words[i]) {
      case "machine":
      case "default":
        if (matches && (login !== undefined || password !== undefined)) i = words.length;
        else matches = words[i] === "default" || words[++i]?.toLowerCase() === host.toLowerCase();
        break;
      case "login":
        if (matches) login = words[i + 1];
        i++;
        break;
      case "password":
        if (matches) password = words[i + 1];
        i++;
        break;
      case "account":
        i++;
    }
  }
  if (login === undefined && password === undefined) return undefined;
  return { login: login ?? "", password: password ?? "" };
}

function splitWords(text: string): string[] {
  const words: string[] = [];
  const word = /#[^\n]*|"((?:[^"\\]|\\.)*)"|\S+/g;
  for (const match of text.matchAll(word)) {
    if (match[0][0] === "#") continue;
    words.push(match[1] === undefined ? match[0] : match[1].replace(/\\(.)/g, unescape));
  }
  return words;
}

function unescape(_: string, char: string): string {
  return char === "n" ? "\n" : char === "r" ? "\r" : char === "t" ? "\t" : char;
}
