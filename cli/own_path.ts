/**
 * Returns the path of a file of devix's own; `base` is the module's that names it. In its URL spaces and what isn't ASCII are
 * escaped. (`fromFileUrl()` does this, too, and isn't loaded otherwise.)
 */
export function ownPath(url: string, base?: string): string {
  return decodeURIComponent(new URL(url, base).pathname);
}
