// What can go wrong between a client and a Nix daemon.

import { utf8ToBinary } from "../../format/bytes.ts";
import { StoreError } from "../errors.ts";

/** The daemon refused or failed an operation, and said why. The connection is still good. */
export class DaemonError extends StoreError {
  override name = "DaemonError";
  /** What the daemon said, as a binary string, escape codes included. */
  readonly reason: string;
  /** Where it came up, outermost first, if the daemon said. */
  readonly traces: readonly string[];

  constructor(action: string, reason: string, traces: readonly string[] = []) {
    super(`Cannot ${action}: ${reason.trimEnd()}`);
    this.reason = reason;
    this.traces = traces;
  }
}

/** The connection is gone or makes no sense: nothing more can be done with it. */
export class ConnectionError extends StoreError {
  override name = "ConnectionError";
}

/** There is no daemon where one was looked for, or it lets nobody in. */
export class NoDaemonError extends ConnectionError {
  override name = "NoDaemonError";
}

/** The bytes from the daemon ended where more were needed; turned into a {@link ConnectionError} where it is known why. */
export class EndOfStream extends Error {
  override name = "EndOfStream";
}

/** Returns the error of a daemon that isn't there or doesn't let us in. */
export function cannotConnect(place: string, reason: string, cause?: unknown): NoDaemonError {
  return new NoDaemonError(`Cannot connect to Nix daemon at "${utf8ToBinary(place)}": ${reason}`, {
    cause,
    path: place,
  });
}

/** Returns the error of a connection that ended; `said` is what a daemon that is our child wrote to its standard error. */
export function disconnected(action: string, cause?: unknown, said = ""): ConnectionError {
  const words = said.trim() === "" ? "" : `, saying "${said.trim()}"`;
  return new ConnectionError(`Cannot ${action}: the Nix daemon closed the connection${words}`, { cause });
}

/** Returns the error of bytes that aren't what the protocol has there. */
export function protocolViolated(reason: string): ConnectionError {
  return new ConnectionError(`Cannot understand Nix daemon: ${reason}`);
}
