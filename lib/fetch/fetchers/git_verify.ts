// Commit signatures (`verifyCommit`, `publicKeys`): git checks them against the keys that are allowed.

import { binaryToUtf8 } from "../../format/bytes.ts";
import { decodeBase64, encodeBase64 } from "../../format/base_encodings.ts";
import { hashBytes } from "../../format/hash.ts";
import { type InputAttrs, maybeBool } from "../attrs.ts";
import { FetchError, inputError, mark } from "../errors.ts";
import { type PublicKey, publicKeysOf } from "../schemes/git.ts";
import type { FetchContext } from "./context.ts";
import { gitArgs, type Repository } from "./git_tree.ts";
import { run } from "./program.ts";

const KEY_TYPES: Readonly<Record<string, string>> = {
  "ssh-dsa": "ssh-dsa",
  "ssh-ecdsa": "ssh-ecdsa",
  "ssh-ecdsa-sk": "sk-ecdsa-sha2-nistp256@openssh.com",
  "ssh-ed25519": "ssh-ed25519",
  "ssh-ed25519-sk": "sk-ssh-ed25519@openssh.com",
  "ssh-rsa": "ssh-rsa",
};

/** Checks a commit's signature if the attributes ask for that; `rev` is undefined for a tree that is no commit. */
export async function verifyCommit(
  cx: FetchContext,
  commit: {
    readonly attrs: InputAttrs;
    readonly repository: Repository;
    readonly rev: string | undefined;
    readonly shown: string;
  },
): Promise<void> {
  const { attrs, repository, rev, shown } = commit;
  const keys = publicKeysOf(attrs);
  if (!(maybeBool(attrs, "verifyCommit") ?? keys.length > 0)) return;
  if (rev === undefined) {
    throw inputError(mark`commit verification is required for Git repository '${shown}', but it's dirty`);
  }
  const signers = cx.cache.scratchPath();
  Deno.writeTextFileSync(signers, binaryToUtf8(keys.map(signerLine).join("")));
  try {
    const { code, stdout, stderr } = await run(cx, "git", {
      args: ["-c", `gpg.ssh.allowedSignersFile=${signers}`, ...gitArgs(repository, "verify-commit", rev)],
    });
    // The status alone would do for any key that the user's own keyring has.
    const good = keys.map(fingerprint).some((print) =>
      (stdout + stderr).split("\n").some((line) =>
        line.startsWith('Good "git" signature for * with ') && line.includes(`key SHA256:${print}`)
      )
    );
    if (code === 0 && good) return;
    throw new FetchError("forbidden", mark`Commit signature verification on commit ${rev} failed: ${stdout + stderr}`);
  } finally {
    Deno.removeSync(signers);
  }
}

function signerLine({ type, key }: PublicKey): string {
  const name = Object.hasOwn(KEY_TYPES, type) ? KEY_TYPES[type] : undefined;
  if (name !== undefined) return `* ${name} ${key}\n`;
  const types = Object.keys(KEY_TYPES).map((known) => `  ${known}\n`).join("");
  throw inputError(mark`Invalid SSH key type '${type}' in publicKeys.\nPlease use one of:\n${types}`);
}

function fingerprint({ key }: PublicKey): string {
  return encodeBase64(hashBytes("sha256", decodeBase64(key))).replace(/=+$/, "");
}
