#!/usr/bin/env node
import { main } from './program.ts';

// Whoever read what is said may be gone: the work goes on. What writes results looks for errors itself.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

process.exitCode = await main(process.argv.slice(2));
