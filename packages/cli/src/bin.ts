#!/usr/bin/env node
import { main } from './program.ts';

// Whoever read what is said may be gone: the work goes on. What writes results looks for errors itself.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
// Or there and not read: Node would wait for that in a write to a pipe, where Ctrl-C and SIGTERM are not heard.
const { _handle: pipe } = process.stdout as { readonly _handle?: { setBlocking?(isBlocking: boolean): unknown } };
if (!process.stdout.isTTY) pipe?.setBlocking?.(false);

const status = await main(process.argv.slice(2));
// Stopped: what nobody takes is not waited for.
if (status >= 128) process.exit(status);
process.exitCode = status;
