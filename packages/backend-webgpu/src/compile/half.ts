/**
 * Halves the memory of intermediate values: where `shader-f16` exists, a compiled graph can keep its f32 intermediates
 * as f16 and still compute and sum in f32. No kernel knows of it: a finished shader is rewritten so that reads of a
 * halved buffer convert to f32 and writes convert to f16.
 */
import type { Program, Step } from '../plan.ts';

interface Declared {
  readonly name: string;
  readonly isWritten: boolean;
  readonly element: string;
}

const declaration = /@binding\(\d+\) var<storage, (read|read_write)> (\w+): array<([^;]+)>;/g;

const halfTypes: Readonly<Record<string, string>> = { f32: 'f16', vec4f: 'vec4<f16>' };

function declaredIn({ wgsl }: Program): Declared[] {
  return [...wgsl.matchAll(declaration)].map(([, access, name, element]) => ({
    name: name!,
    isWritten: access === 'read_write',
    element: element!,
  }));
}

/** Where the bracket that opens at `open` closes. */
function closingBracket(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    if (text[at] === '[') depth++;
    if (text[at] === ']' && --depth === 0) return at;
  }
  return text.length;
}

/** Positions of the brackets that index `name`, last first. */
function indexings(text: string, name: string): { readonly start: number; readonly end: number }[] {
  return [...text.matchAll(new RegExp(`\\b${name}\\[`, 'g'))]
    .map(({ index }) => ({ start: index, end: closingBracket(text, index + name.length) }))
    .reverse();
}

/** Whether a buffer of a step can hold f16: it is seen as floats, whole, and only read or only written. */
export function canHalve({ program, buffers }: Step, binding: number): boolean {
  const { offset, bytes } = buffers[binding]!;
  const declared = declaredIn(program)[binding];
  if (declared === undefined || !(declared.element in halfTypes) || offset || bytes) return false;
  // Passing a buffer by pointer, or adding to it in place, is beyond a rewriting of text.
  if (new RegExp(`&${declared.name}\\b`).test(program.wgsl)) return false;
  if (!declared.isWritten) return true;
  return indexings(program.wgsl, declared.name).every(({ end }) => /^\s*=[^=]/.test(program.wgsl.slice(end + 1)));
}

/** The step with some of its buffers, by binding, holding f16. */
export function halve(step: Step, bindings: readonly number[]): Step {
  if (bindings.length === 0) return step;
  const declared = declaredIn(step.program);
  let { wgsl } = step.program;
  for (const binding of bindings) {
    const { name, element, isWritten } = declared[binding]!;
    wgsl = wgsl.replace(`${name}: array<${element}>;`, `${name}: array<${halfTypes[element]}>;`);
    for (const { start, end } of indexings(wgsl, name)) {
      const access = wgsl.slice(start, end + 1);
      if (!isWritten) {
        wgsl = `${wgsl.slice(0, start)}${element}(${access})${wgsl.slice(end + 1)}`;
        continue;
      }
      const value = wgsl.indexOf('=', end) + 1;
      const stop = wgsl.indexOf(';', value);
      wgsl = `${wgsl.slice(0, value)} ${halfTypes[element]}(${wgsl.slice(value, stop).trim()})${wgsl.slice(stop)}`;
    }
  }
  const text = wgsl.startsWith('enable f16;') ? wgsl : `enable f16;\n${wgsl}`;
  const letters = [...step.program.access].map((letter, i) => (bindings.includes(i) ? 'h' : letter)).join('');
  return { ...step, program: { ...step.program, label: `${step.program.label} ${letters}`, wgsl: text } };
}
