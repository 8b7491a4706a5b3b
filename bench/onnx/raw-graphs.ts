/**
 * What one would write for onnxruntime by hand: NCHW graphs with constant filters, group norm as exporters write it
 * (InstanceNormalization of groups, then scale and shift), SiLU as Sigmoid and Mul.
 */
import { encodeModel, GraphBuilder } from '@vqkit/backend-onnx/model';
import { type ConvValues, epsilon, groupSize, type HostValues, type StackValues } from './network.ts';

/** A graph with one image as input `x` and one as output `y`, NCHW. */
function imageModel(dims: readonly number[], outputChannels: number, build: (g: GraphBuilder) => string): Uint8Array {
  const g = new GraphBuilder();
  const result = build(g);
  g.nodes.push({ op: 'Identity', inputs: [result], outputs: ['y'], attributes: {} });
  const [n, , h, w] = dims as [number, number, number, number];
  return encodeModel({
    irVersion: 10,
    opsets: { '': 21 },
    producer: 'bench',
    graph: {
      name: 'raw',
      nodes: g.nodes,
      initializers: g.initializers,
      inputs: [{ name: 'x', type: 'float', dims }],
      outputs: [{ name: 'y', type: 'float', dims: [n, outputChannels, h, w] }],
    },
  });
}

/** A filter `[3, 3, cin, cout]` as `[cout, cin, 3, 3]`. */
function turned({ data, shape }: HostValues): Float32Array {
  const [, , cin, cout] = shape as [number, number, number, number];
  return Float32Array.from(data, (_, i) => {
    const [o, rest] = [Math.floor(i / (cin * 9)), i % (cin * 9)];
    return data[((rest % 9) * cin + Math.floor(rest / 9)) * cout + o]!;
  });
}

function conv(g: GraphBuilder, x: string, { filter, bias }: ConvValues<HostValues>): string {
  const [, , cin, cout] = filter.shape as [number, number, number, number];
  const weights = g.constant(turned(filter), [cout, cin, 3, 3], 'float');
  return g.op('Conv', [x, weights, g.constant(bias.data, [cout], 'float')], { pads: { ints: [1, 1, 1, 1] } });
}

/** One 3×3 convolution. */
export function rawConv(dims: readonly number[], values: ConvValues<HostValues>): Uint8Array {
  return imageModel(dims, values.bias.data.length, (g) => conv(g, 'x', values));
}

/** The residual stack. */
export function rawStack(dims: readonly number[], blocks: StackValues<HostValues>): Uint8Array {
  const channels = dims[1]!;
  const groups = channels / groupSize;
  return imageModel(dims, channels, (g) => {
    const ones = g.constant(new Float32Array(groups).fill(1), [groups], 'float');
    const zeros = g.constant(new Float32Array(groups), [groups], 'float');
    const vector = ({ data }: HostValues): string => g.constant(data, [channels, 1, 1], 'float');
    let h = 'x';
    for (const block of blocks) {
      let y = h;
      for (const { scale, shift, conv: values } of block) {
        const grouped = g.op('Reshape', [y, g.ints([0, groups, -1])]);
        const normal = g.op('InstanceNormalization', [grouped, ones, zeros], { epsilon: { float: epsilon } });
        const image = g.op('Reshape', [normal, g.ints(dims)]);
        const affine = g.op('Add', [g.op('Mul', [image, vector(scale)]), vector(shift)]);
        y = conv(g, g.op('Mul', [affine, g.op('Sigmoid', [affine])]), values);
      }
      h = g.op('Add', [h, y]);
    }
    return h;
  });
}
