/**
 * Puts a compute shader together: bindings, a uniform struct, the entry point with its builtins. Kernels supply names,
 * values and the body.
 */
import type { BufferRef, Step } from '../plan.ts';

/** A scalar parameter with its value for this dispatch. */
export interface Parameter {
  readonly type: 'u32' | 'i32' | 'f32';
  readonly value: number;
}

/** An unsigned parameter. */
export const u32 = (value: number): Parameter => ({ type: 'u32', value });

/** A signed parameter. */
export const i32 = (value: number): Parameter => ({ type: 'i32', value });

/** A float parameter; NaN and infinities are fine, unlike in the shader's text. */
export const f32 = (value: number): Parameter => ({ type: 'f32', value });

/** A storage binding: an array of `element`. */
export interface Binding {
  readonly name: string;
  readonly element: string;
  readonly buffer: BufferRef;
  readonly isWritten?: boolean;
}

/** A buffer that is only read. */
export function reads(name: string, buffer: BufferRef, element = 'f32'): Binding {
  return { name, element, buffer };
}

/** A buffer that is written, or read and written. */
export function writes(name: string, buffer: BufferRef, element = 'f32'): Binding {
  return { name, element, buffer, isWritten: true };
}

/** Everything about one dispatch. */
export interface ShaderSource {
  readonly label: string;
  readonly bindings: readonly Binding[];
  readonly params?: Readonly<Record<string, Parameter>>;
  /** Invocations of a workgroup. */
  readonly size: number;
  /** Workgroups. */
  readonly groups: number;
  /** Functions, constants and workgroup variables. */
  readonly declarations?: string;
  /**
   * Statements of the entry point. In scope: `params`, the bindings, `group` (linear workgroup index, which may exceed
   * the count asked for), `lane` (index in the workgroup) and `thread` = group · size + lane.
   */
  readonly body: string;
}

/** Encodes parameters as they lie in the uniform struct. */
function wordsOf(params: Readonly<Record<string, Parameter>>): Uint32Array {
  const list = Object.values(params);
  const view = new DataView(new ArrayBuffer(Math.ceil(list.length / 4) * 16));
  list.forEach(({ type, value }, i) => {
    if (type === 'f32') view.setFloat32(4 * i, value, true);
    else if (type === 'i32') view.setInt32(4 * i, value, true);
    else view.setUint32(4 * i, value, true);
  });
  return new Uint32Array(view.buffer);
}

/** Makes a step: the shader's text, its buffers and its parameters. */
export function shaderStep(source: ShaderSource): Step {
  const { label, bindings, params = {}, size, groups, declarations = '', body } = source;
  const uniforms = wordsOf(params);
  const fields = Object.entries(params).map(([name, { type }]) => `${name}: ${type}`);
  // Uniform structs are as large as the block that is bound, a multiple of 16 bytes.
  for (let i = fields.length; i < uniforms.length; i++) fields.push(`padding${i}: u32`);
  const lines = [
    ...bindings.map(
      ({ name, element, isWritten }, i) =>
        `@group(0) @binding(${i}) var<storage, ${isWritten ? 'read_write' : 'read'}> ${name}: array<${element}>;`,
    ),
    fields.length > 0 ? `struct Params { ${fields.join(', ')} }` : '',
    fields.length > 0 ? `@group(0) @binding(${bindings.length}) var<uniform> params: Params;` : '',
    declarations,
    `@compute @workgroup_size(${size})`,
    'fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {',
    'let group = workgroup.y * grid.x + workgroup.x;',
    /\bthread\b/.test(body) ? `let thread = group * ${size}u + lane;` : '',
    body,
    '}',
  ];
  return {
    program: {
      label,
      wgsl: lines.filter((line) => line !== '').join('\n'),
      access: bindings.map(({ isWritten }) => (isWritten ? 'w' : 'r')).join(''),
      uniformBytes: uniforms.byteLength,
    },
    buffers: bindings.map(({ buffer }) => buffer),
    uniforms,
    groups,
  };
}

/** A step whose invocations do one thing each; `body` is for those that are asked for, `thread < params.threads`. */
export function threadStep({
  threads,
  size = 64,
  params,
  body,
  ...source
}: Omit<ShaderSource, 'size' | 'groups'> & { readonly threads: number; readonly size?: number }): Step {
  return shaderStep({
    ...source,
    params: { threads: u32(threads), ...params },
    size,
    groups: Math.ceil(threads / size),
    body: `if (thread < params.threads) {\n${body}\n}`,
  });
}

/** 0, 1, …, n − 1: for unrolling loops in the text. */
export function range(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}

/** One text per index, joined by line breaks. */
export function unroll(n: number, text: (i: number) => string, separator = '\n'): string {
  return range(n).map(text).join(separator);
}
