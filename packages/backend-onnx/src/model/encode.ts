/**
 * Writes a model in the protobuf wire format that ONNX files use. Only the fields we need, by number; the names
 * beside the numbers are those of the format's own definition.
 * @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
import protobuf from 'protobufjs/minimal.js';
import {
  elementType,
  type Model,
  type ModelAttribute,
  type ModelGraph,
  type ModelNode,
  type ModelPort,
  type ModelTensor,
} from './types.ts';

type Writer = protobuf.Writer;

const varint = 0;
const delimited = 2;
const fixed32 = 5;

// AttributeProto.AttributeType
const attributeKind = { float: 1, int: 2, string: 3, graph: 5, ints: 7 } as const;

/**
 * Encodes a model.
 *
 * @returns The bytes of an `.onnx` file (below 2 GiB, the format's limit for one file).
 */
export function encodeModel(model: Model): Uint8Array<ArrayBuffer> {
  const w = protobuf.Writer.create();
  int(w, 1, model.irVersion);
  text(w, 2, model.producer);
  message(w, 7, () => writeGraph(w, model.graph));
  for (const [domain, version] of Object.entries(model.opsets)) {
    message(w, 8, () => {
      if (domain !== '') text(w, 1, domain);
      int(w, 2, version);
    });
  }
  return w.finish() as Uint8Array<ArrayBuffer>; // never in shared memory
}

function writeGraph(w: Writer, graph: ModelGraph): void {
  for (const node of graph.nodes) message(w, 1, () => writeNode(w, node));
  text(w, 2, graph.name);
  for (const tensor of graph.initializers) message(w, 5, () => writeTensor(w, tensor));
  for (const port of graph.inputs) message(w, 11, () => writePort(w, port));
  for (const port of graph.outputs) message(w, 12, () => writePort(w, port));
}

function writeNode(w: Writer, node: ModelNode): void {
  for (const name of node.inputs) text(w, 1, name);
  for (const name of node.outputs) text(w, 2, name);
  text(w, 4, node.op);
  for (const [name, value] of Object.entries(node.attributes)) {
    message(w, 5, () => {
      text(w, 1, name);
      writeAttribute(w, value);
    });
  }
  if (node.domain) text(w, 7, node.domain);
}

function writeAttribute(w: Writer, value: ModelAttribute): void {
  if ('float' in value) {
    tag(w, 2, fixed32).float(value.float);
    int(w, 20, attributeKind.float);
  } else if ('int' in value) {
    int(w, 3, value.int);
    int(w, 20, attributeKind.int);
  } else if ('string' in value) {
    text(w, 4, value.string);
    int(w, 20, attributeKind.string);
  } else if ('graph' in value) {
    message(w, 6, () => writeGraph(w, value.graph));
    int(w, 20, attributeKind.graph);
  } else {
    for (const n of value.ints) int(w, 8, n);
    int(w, 20, attributeKind.ints);
  }
}

function writeTensor(w: Writer, tensor: ModelTensor): void {
  for (const n of tensor.dims) int(w, 1, n);
  int(w, 2, elementType[tensor.type]);
  text(w, 8, tensor.name);
  tag(w, 9, delimited).bytes(tensor.bytes);
}

// ValueInfoProto{ name, type: TypeProto{ tensor_type{ elem_type, shape{ dim… } } } }
function writePort(w: Writer, port: ModelPort): void {
  text(w, 1, port.name);
  message(w, 2, () =>
    message(w, 1, () => {
      int(w, 1, elementType[port.type]);
      message(w, 2, () => {
        for (const n of port.dims) message(w, 1, () => (typeof n === 'number' ? int(w, 1, n) : text(w, 2, n)));
      });
    }),
  );
}

function tag(w: Writer, field: number, wire: number): Writer {
  return w.uint32((field << 3) | wire);
}

function int(w: Writer, field: number, value: number): void {
  tag(w, field, varint).int64(value);
}

function text(w: Writer, field: number, value: string): void {
  tag(w, field, delimited).string(value);
}

function message(w: Writer, field: number, body: () => void): void {
  tag(w, field, delimited).fork();
  body();
  w.ldelim();
}
