// The servers of the fetch tests, in a worker: the tests' own thread is blocked while it waits for what they serve.
//
//   /files/NAME            a file, with ETag and ranges
//   /redirect/NAME         302 to /files/NAME; /redirect/N/NAME goes through N of them
//   /immutable/NAME        with a Link to the URL that won't change
//   /status/CODE           an empty answer
//   /flaky/N/NAME          500 for the first N times, then the file
//   /broken/N/NAME         cut off in the middle the first N times (with ranges: it can be resumed)
//   /stall/NAME            half of it, then nothing
//   /encoded/ENCODING/NAME with that Content-Encoding, though nobody asked
//   /delay/MS/NAME         after some time
//   /git/REPO              git, through git http-backend
//   /OWNER/REPO.git        the same, where forges have it
//   and archives and APIs of GitHub, GitLab and SourceHut for the repositories in git/

import zlib from "node:zlib";

const ENCODERS: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  gzip: (bytes) => zlib.gzipSync(bytes),
  deflate: (bytes) => zlib.deflateSync(bytes),
  br: (bytes) => zlib.brotliCompressSync(bytes),
};

interface Setup {
  readonly dir: string;
  /** Whether port 443 is to be left alone. */
  readonly anyPort: boolean;
  readonly tls: { readonly cert: string; readonly key: string };
}

const counts = new Map<string, number>();
const log: string[] = [];
let dir = "";

const scope = globalThis as unknown as {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown): void;
};

scope.onmessage = ({ data }: MessageEvent<Setup | { readonly ask: "log"; readonly reply: SharedArrayBuffer }>) => {
  if ("ask" in data) {
    const bytes = new TextEncoder().encode(JSON.stringify(log.splice(0)));
    new Uint8Array(data.reply, 8).set(bytes);
    const header = new Int32Array(data.reply, 0, 2);
    header[1] = bytes.length;
    Atomics.store(header, 0, 1);
    Atomics.notify(header, 0);
    return;
  }
  dir = data.dir;
  const http = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, serve);
  let https: Deno.HttpServer<Deno.NetAddr>;
  const { tls } = data;
  // Where this is allowed C++ Nix finds its forges here too, and where the host has more than one address.
  try {
    if (data.anyPort) throw new Error("any port");
    https = Deno.serve({ port: 443, hostname: "127.0.0.2", onListen() {}, ...tls }, serve);
  } catch {
    https = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {}, ...tls }, serve);
  }
  scope.postMessage({
    http: `http://127.0.0.1:${http.addr.port}`,
    https: `https://${https.addr.hostname}${https.addr.port === 443 ? "" : `:${https.addr.port}`}`,
  });
};

async function serve(request: Request): Promise<Response> {
  const url = new URL(request.url);
  const path = decodeURIComponent(url.pathname);
  log.push(`${request.method} ${url.pathname}${url.search} ${request.headers.get("authorization") ?? ""}`.trim());
  const parts = path.split("/").slice(1);
  switch (parts[0]) {
    case "files":
      return await file(request, parts.slice(1).join("/"));
    case "redirect": {
      const n = Number(parts[1]);
      const to = n > 1 ? `/redirect/${n - 1}/${parts[2]}` : `/files/${parts.at(-1)}`;
      return new Response(null, { status: 302, headers: { location: to } });
    }
    case "immutable": {
      const link = `<${url.origin}/files/${parts[1]}?rev=${"1".repeat(40)}&revCount=7>; rel="immutable"`;
      return await file(request, parts[1], { link });
    }
    case "status":
      return new Response(Number(parts[1]) === 304 ? null : "", { status: Number(parts[1]) });
    case "flaky":
      return count(path) <= Number(parts[1]) ? new Response("busy", { status: 500 }) : await file(request, parts[2]);
    case "broken":
      return await broken(request, Number(parts[1]), parts[2], path);
    case "stall":
      return cut(await Deno.readFile(`${dir}/files/${parts[1]}`), { stall: true });
    case "encoded": {
      const bytes = await Deno.readFile(`${dir}/files/${parts[2]}`);
      const body = new Uint8Array(ENCODERS[parts[1]]?.(bytes) ?? bytes);
      return new Response(body, { headers: { "content-encoding": parts[1] } });
    }
    case "delay":
      await new Promise((resolve) => setTimeout(resolve, Number(parts[1])));
      return await file(request, parts[2]);
    case "git":
      return await git(request, `/${parts.slice(1).join("/")}`);
  }
  return await forge(request, url, parts);
}

function count(key: string): number {
  const n = (counts.get(key) ?? 0) + 1;
  counts.set(key, n);
  return n;
}

async function file(request: Request, name: string, headers: Record<string, string> = {}): Promise<Response> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = await Deno.readFile(`${dir}/files/${name}`);
  } catch {
    return new Response("no such file", { status: 404 });
  }
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const etag = `"${[...digest.slice(0, 8)].map((byte) => byte.toString(16).padStart(2, "0")).join("")}"`;
  if (request.headers.get("if-none-match") === etag) return new Response(null, { status: 304, headers: { etag } });
  return new Response(bytes, { headers: { etag, "accept-ranges": "bytes", ...headers } });
}

async function broken(request: Request, times: number, name: string, key: string): Promise<Response> {
  const bytes = await Deno.readFile(`${dir}/files/${name}`);
  const from = Number(/bytes=(\d+)-/.exec(request.headers.get("range") ?? "")?.[1] ?? 0);
  if (count(key) <= times) return cut(bytes.subarray(from), { ranges: true });
  return new Response(bytes.subarray(from), {
    status: from > 0 ? 206 : 200,
    headers: { "accept-ranges": "bytes", etag: '"b"' },
  });
}

/** Sends half of what it announces. */
function cut(
  bytes: Uint8Array<ArrayBuffer>,
  how: { readonly stall?: boolean; readonly ranges?: boolean },
): Response {
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(bytes.subarray(0, Math.ceil(bytes.length / 2)));
      if (!how.stall) setTimeout(() => controller.error(new Error("cut")), 20);
    },
  });
  const headers: Record<string, string> = { "content-length": String(bytes.length), etag: '"b"' };
  if (how.ranges) headers["accept-ranges"] = "bytes";
  return new Response(body, { headers });
}

/** What git http-backend answers. */
async function git(request: Request, path: string): Promise<Response> {
  const url = new URL(request.url);
  const child = new Deno.Command("git", {
    args: ["http-backend"],
    env: {
      GIT_PROJECT_ROOT: `${dir}/git`,
      GIT_HTTP_EXPORT_ALL: "1",
      GIT_PROTOCOL: request.headers.get("git-protocol") ?? "",
      PATH_INFO: path,
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers.get("content-type") ?? "",
      HTTP_CONTENT_ENCODING: request.headers.get("content-encoding") ?? "",
      REMOTE_ADDR: "127.0.0.1",
    },
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const input = new Uint8Array(await request.arrayBuffer());
  const writer = child.stdin.getWriter();
  await writer.write(input).catch(() => {});
  await writer.close().catch(() => {});
  const output = new Uint8Array((await child.output()).stdout);
  const text = new TextDecoder("latin1").decode(output.subarray(0, 4096));
  const end = text.indexOf("\r\n\r\n");
  const headers = new Headers();
  let status = 200;
  for (const line of text.slice(0, end).split("\r\n")) {
    const colon = line.indexOf(":");
    const [name, value] = [line.slice(0, colon), line.slice(colon + 1).trim()];
    if (name.toLowerCase() === "status") status = Number(value.slice(0, 3));
    else if (colon > 0) headers.set(name, value);
  }
  return new Response(output.slice(end + 4), { status, headers });
}

async function forge(request: Request, url: URL, parts: string[]): Promise<Response> {
  const path = parts.join("/");
  const query = url.searchParams;
  if (parts[1]?.endsWith(".git") || query.get("service") === "git-upload-pack" || path.endsWith("git-upload-pack")) {
    const repo = parts[1].replace(/(\.git)?$/, "");
    return await git(request, `/${repo}/${parts.slice(2).join("/")}`);
  }
  const patterns: [RegExp, (match: RegExpExecArray) => Promise<Response>][] = [
    // GitHub (Enterprise)
    [/^api\/v3\/repos\/[^/]+\/([^/]+)\/tarball\/(\w+)$/, ([, repo, rev]) => archive(repo, rev)],
    [/^api\/v3\/repos\/[^/]+\/([^/]+)\/commits\/(.+)$/, ([, repo, ref]) => githubCommit(repo, ref)],
    // GitLab
    [/^api\/v4\/projects\/.+\/([^/]+)\/repository\/archive\.tar\.gz$/, ([, repo]) => archive(repo, query.get("sha")!)],
    [
      /^api\/v4\/projects\/.+\/([^/]+)\/repository\/commits$/,
      ([, repo]) => gitlabCommits(repo, query.get("ref_name")!),
    ],
    [/^.+\/([^/]+)\/-\/archive\/(\w+)\/.*$/, ([, repo, rev]) => archive(repo, rev)],
    // GitHub and SourceHut
    [/^[^/]+\/([^/]+)\/archive\/(\w+)\.tar\.gz$/, ([, repo, rev]) => archive(repo, rev)],
    [/^[^/]+\/([^/]+)\/HEAD$/, ([, repo]) => textOf(repo, ["symbolic-ref", "HEAD"], (text) => `ref: ${text}`)],
    [
      /^[^/]+\/([^/]+)\/info\/refs$/,
      ([, repo]) => textOf(repo, ["for-each-ref", "--format=%(objectname)%09%(refname)"], (text) => text),
    ],
  ];
  for (const [pattern, answer] of patterns) {
    const match = pattern.exec(path);
    if (match !== null) return await answer(match);
  }
  return new Response("nothing here", { status: 404 });
}

async function run(repo: string, args: readonly string[]): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const { success, stdout } = await new Deno.Command("git", {
    args: ["-C", `${dir}/git/${repo}`, ...args],
    stderr: "null",
  })
    .output();
  return success ? new Uint8Array(stdout) : undefined;
}

async function archive(repo: string, rev: string): Promise<Response> {
  const bytes = await run(repo, ["archive", "--format=tar.gz", `--prefix=${repo}-${rev}/`, rev]);
  return bytes === undefined ? new Response("no such commit", { status: 404 }) : new Response(bytes);
}

async function textOf(repo: string, args: readonly string[], make: (text: string) => string): Promise<Response> {
  const bytes = await run(repo, args);
  return bytes === undefined
    ? new Response("nothing here", { status: 404 })
    : new Response(make(new TextDecoder().decode(bytes)));
}

async function commitOf(repo: string, ref: string): Promise<string | undefined> {
  const bytes = await run(repo, ["rev-parse", "--verify", "-q", `${ref}^{commit}`]);
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes).trim();
}

async function githubCommit(repo: string, ref: string): Promise<Response> {
  const sha = await commitOf(repo, ref);
  if (sha === undefined) return Response.json({ message: "No commit found" }, { status: 422 });
  return Response.json({ sha, commit: { tree: { sha } } });
}

async function gitlabCommits(repo: string, ref: string): Promise<Response> {
  const id = await commitOf(repo, ref);
  return Response.json(id === undefined ? [] : [{ id }]);
}
