import protobuf from 'protobufjs/minimal.js';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from './builder.ts';
import { encodeModel } from './encode.ts';
import type { Model } from './types.ts';

/** Fields of one message: number → raw values. */
function fieldsOf(bytes: Uint8Array): Map<number, (number | Uint8Array)[]> {
  const reader = protobuf.Reader.create(bytes);
  const fields = new Map<number, (number | Uint8Array)[]>();
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    const wire = tag & 7;
    const value = wire === 0 ? Number(reader.int64()) : wire === 5 ? reader.float() : reader.bytes();
    fields.set(tag >>> 3, [...(fields.get(tag >>> 3) ?? []), value]);
  }
  return fields;
}

const text = (value: unknown): string => new TextDecoder().decode(value as Uint8Array);

function modelOf(g: GraphBuilder): Model {
  const graph = { name: 'test', nodes: g.nodes, initializers: g.initializers, inputs: [], outputs: [] };
  return { irVersion: 10, opsets: { '': 21, 'com.microsoft': 1 }, producer: 'vqkit', graph };
}

describe('encodeModel', () => {
  it('states the versions of format and operators', () => {
    const fields = fieldsOf(encodeModel(modelOf(new GraphBuilder())));
    expect(fields.get(1)).toEqual([10]);
    const opsets = fields.get(8)!.map((bytes) => fieldsOf(bytes as Uint8Array));
    expect(opsets.map((opset) => [text(opset.get(1)?.[0] ?? new Uint8Array()), opset.get(2)![0]])).toEqual([
      ['', 21],
      ['com.microsoft', 1],
    ]);
  });

  it('writes negative attributes, floats, strings and lists', () => {
    const g = new GraphBuilder();
    g.op('Test', ['a', ''], {
      axis: { int: -1 },
      alpha: { float: 0.5 },
      mode: { string: 'x' },
      pads: { ints: [1, -2] },
    });
    const graph = fieldsOf(fieldsOf(encodeModel(modelOf(g))).get(7)![0] as Uint8Array);
    const node = fieldsOf(graph.get(1)![0] as Uint8Array);
    expect(node.get(1)!.map(text)).toEqual(['a', '']);
    expect(text(node.get(4)![0])).toBe('Test');
    const [axis, alpha, mode, pads] = node.get(5)!.map((bytes) => fieldsOf(bytes as Uint8Array));
    expect(axis!.get(3)).toEqual([-1]);
    expect(alpha!.get(2)).toEqual([0.5]);
    expect(text(mode!.get(4)![0])).toBe('x');
    expect(pads!.get(8)).toEqual([1, -2]);
  });

  it('stores constants as raw little-endian bytes', () => {
    const g = new GraphBuilder();
    g.constant(Float32Array.of(1, -2), [2], 'float');
    const graph = fieldsOf(fieldsOf(encodeModel(modelOf(g))).get(7)![0] as Uint8Array);
    const tensor = fieldsOf(graph.get(5)![0] as Uint8Array);
    expect(tensor.get(1)).toEqual([2]);
    expect(tensor.get(2)).toEqual([1]);
    expect([...new Float32Array(Uint8Array.from(tensor.get(9)![0] as Uint8Array).buffer)]).toEqual([1, -2]);
  });
});

describe('GraphBuilder', () => {
  it('makes equal nodes and equal small constants once', () => {
    const g = new GraphBuilder();
    expect(g.op('Exp', ['x'])).toBe(g.op('Exp', ['x']));
    expect(g.ints([1, 2])).toBe(g.ints([1, 2]));
    expect(g.scalar(1, 'float')).not.toBe(g.scalar(1, 'int32'));
    expect(g.nodes.length).toBe(1);
    expect(g.initializers.length).toBe(3);
  });
});
