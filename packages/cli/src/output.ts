/** What commands say on standard output: one JSON object, or short lines for people. */
import { printable } from '@vqkit/codec/bitstream';
import type { Command } from 'commander';
import { CliError } from './errors.ts';
import { standardStream, writeStandardOutput } from './io/files.ts';

/** Options of commands that report. */
export interface OutputOptions {
  readonly json?: boolean;
}

/**
 * Checks that standard output has one use.
 *
 * @param file  Where the command's result goes.
 * @throws CliError `USAGE`
 */
export function checkStandardOutput(file: string, { json }: OutputOptions): void {
  if (file !== standardStream || !json) return;
  throw new CliError({
    code: 'USAGE',
    message: 'expected one thing on standard output, got -o - and --json',
    fix: 'Leave one of them out',
  });
}

/**
 * Prints a report: the object with `--json`, else the lines. Lines go to standard error while standard output carries
 * the result itself. Numbers that JSON cannot hold (the PSNR of equal images is ∞) are null there.
 */
export async function printReport(
  report: object,
  lines: readonly string[],
  { json, file }: OutputOptions & { readonly file?: string },
): Promise<void> {
  const text = json ? `${toJson(report)}\n` : lines.map((line) => `${printable(line)}\n`).join('');
  if (file === standardStream && !json) process.stderr.write(text);
  else await writeStandardOutput(text).catch(unlessUnread);
}

/** Whoever read the report may have seen enough and be gone: the work is done, and nothing is lost by it. */
function unlessUnread(error: Error): void {
  if ((error.cause as { readonly code?: unknown } | undefined)?.code !== 'EPIPE') throw error;
}

/** Adds the option of commands that write files. */
export function addForceOption(command: Command): Command {
  return command.option('--force', 'replace an existing file of another kind');
}

/** Ends the options of a command that writes a file and reports: `--force`, `--json`, and examples below the help. */
export function addReportOptions(command: Command, examples = ''): Command {
  return addForceOption(command).option('--json', 'print one JSON object').addHelpText('after', examples);
}

/** Says something on standard error. */
export function tell(message: string): void {
  process.stderr.write(`${shown(message)}\n`);
}

/** Says on standard error what the user should know, though the work goes on. */
export function warn(message: string): void {
  tell(`warning: ${message}`);
}

/** Text as it may be shown: names and messages can come from strangers' files. Only indented lines stay lines, so that none looks like ours. */
function shown(text: string): string {
  return text
    .split(/\n(?= {2})/)
    .map(printable)
    .join('\n');
}

/** JSON in which every control character is spelled out, those too that JSON allows. */
function toJson(value: object): string {
  return JSON.stringify(value).replace(/[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
