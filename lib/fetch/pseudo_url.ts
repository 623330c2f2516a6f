/** Places of things to be fetched that stand where paths do: in search paths and on the command line. */

const SCHEMES = new Set(["http", "https", "file", "channel", "git", "s3", "ssh"]);

/** Whether something is to be fetched rather than a path. */
export function isPseudoUrl(text: string): boolean {
  if (text.startsWith("channel:")) return true;
  const end = text.indexOf("://");
  return end >= 0 && SCHEMES.has(text.slice(0, end));
}

/** Returns the URL that a pseudo-URL stands for: `channel:NAME` is short for a channel's tarball. */
export function resolvePseudoUrl(text: string): string {
  if (!text.startsWith("channel:")) return text;
  return `https://channels.nixos.org/${text.slice("channel:".length)}/nixexprs.tar.xz`;
}
