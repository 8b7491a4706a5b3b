/**
 * The part of Python's pickle format that state dictionaries need, and nothing that could run code: numbers, strings,
 * tuples, lists and dictionaries, and a short list of names from PyTorch that stand for tensors. Anything else is refused.
 *
 * @see Python's pickletools (meaning of the opcodes); torch/serialization.py (persistent ids)
 */
import { WeightsError } from '../errors.ts';
import { damaged } from './zip.ts';

/** @internal A global name that a pickle refers to, e.g. `torch.FloatStorage`. */
export class GlobalName {
  constructor(readonly name: string) {}
}

/** @internal What a persistent id stands for: a storage of values. */
export class StorageReference {
  constructor(
    readonly typeName: string,
    readonly key: string,
    readonly size: number,
  ) {}
}

/** @internal A view of a storage. */
export class PickledTensor {
  constructor(
    readonly storage: StorageReference,
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {}
}

const mark = Symbol('mark');

/** Values that a pickle may make or copy: a hundred thousand tensors' worth, in bounded memory. */
const maxValues = 2 ** 21;

const isCounts = (value: unknown): value is number[] =>
  Array.isArray(value) && value.length <= 64 && value.every((n) => Number.isSafeInteger(n) && n >= 0);

function unsafe(what: string): WeightsError {
  return new WeightsError({
    code: 'PICKLE_UNSAFE',
    message: `weights file: expected tensors in plain dictionaries, got ${what}`,
    fix: 'Save model.state_dict() instead of the model, or convert the file to safetensors',
  });
}

function tensorFrom([storage, offset, shape, strides]: readonly unknown[]): PickledTensor {
  if (!(storage instanceof StorageReference) || !isCounts([offset]) || !isCounts(shape) || !isCounts(strides))
    throw damaged('expected a storage, offset, shape and strides of a tensor');
  return new PickledTensor(storage, offset as number, shape, strides);
}

/** Calls that a pickle may ask for, done by us. */
const constructors: Readonly<Record<string, (args: readonly unknown[]) => unknown>> = {
  'collections.OrderedDict': ([pairs]) =>
    new Map(Array.isArray(pairs) ? (pairs.filter(Array.isArray) as [unknown, unknown][]) : []),
  'torch._utils._rebuild_tensor_v2': tensorFrom,
  'torch._utils._rebuild_tensor': tensorFrom,
  'torch._utils._rebuild_parameter': ([tensor]) => tensor,
};

function load(id: unknown): StorageReference {
  const [kind, type, key, , size, view] = Array.isArray(id) ? id : [];
  const isStorage = kind === 'storage' && type instanceof GlobalName && typeof key === 'string' && isCounts([size]);
  if (!isStorage) throw unsafe('a reference to something else than a storage');
  if (view !== undefined && view !== null) throw damaged('expected whole storages, got views of storages');
  return new StorageReference((type as GlobalName).name, key as string, size as number);
}

/**
 * @internal Reads one pickle.
 *
 * @returns Its value (dictionaries as Map, tuples and lists as arrays) and where it ended.
 * @throws WeightsError `PICKLE_UNSAFE`, `WEIGHTS_DAMAGED`
 */
export function readPickle(bytes: Uint8Array, start = 0): { value: unknown; end: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stack: unknown[] = [];
  const memo = new Map<number, unknown>();
  let at = start;
  let values = 0;
  const charge = (count: number): void => {
    values += count;
    if (values > maxValues) throw damaged(`expected a pickle of at most ${maxValues} values`);
  };
  const take = (count: number): number => {
    const from = at;
    if (from + count > bytes.length) throw damaged('expected more of a pickle: the file is cut short');
    at += count;
    return from;
  };
  const u8 = (): number => bytes[take(1)]!;
  const u32 = (): number => view.getUint32(take(4), true);
  const text = (length: number): string => new TextDecoder().decode(bytes.subarray(take(length), at));
  const line = (): string => {
    const from = at;
    while (u8() !== 0x0a);
    return new TextDecoder().decode(bytes.subarray(from, at - 1));
  };
  const pop = (): unknown => {
    if (stack.length === 0) throw damaged('expected a value on the stack of a pickle');
    return stack.pop();
  };
  const popToMark = (): unknown[] => {
    const from = stack.lastIndexOf(mark);
    if (from < 0) throw damaged('expected a mark on the stack of a pickle');
    const items = stack.splice(from);
    charge(items.length);
    return items.slice(1);
  };
  const integer = (length: number): number => {
    const from = take(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[from + i]!);
    return Number(length > 0 && bytes[from + length - 1]! > 127 ? value - (1n << BigInt(8 * length)) : value);
  };
  const setItems = (items: readonly unknown[]): void => {
    const target = stack.at(-1);
    if (!(target instanceof Map)) throw damaged('expected a dictionary to put items into');
    for (let i = 0; i + 1 < items.length; i += 2) target.set(items[i], items[i + 1]);
  };
  const append = (items: readonly unknown[]): void => {
    const target = stack.at(-1);
    if (!Array.isArray(target)) throw damaged('expected a list to append to');
    for (const item of items) target.push(item);
  };
  const remember = (key: number): void => void memo.set(key, stack.at(-1));
  const recall = (key: number): void => {
    if (!memo.has(key)) throw damaged(`expected something remembered as ${key} in a pickle`);
    stack.push(memo.get(key));
  };
  const global = (module: string, name: string): void => void stack.push(new GlobalName(`${module}.${name}`));
  const reduce = (): void => {
    const args = pop();
    const callee = pop();
    const make = callee instanceof GlobalName && Object.hasOwn(constructors, callee.name) && constructors[callee.name];
    if (!make) throw unsafe(`a call of ${callee instanceof GlobalName ? callee.name : 'an object'}`);
    const list = Array.isArray(args) ? args : [];
    for (const argument of list) charge(Array.isArray(argument) ? argument.length : 1);
    stack.push(make(list));
  };
  const opcodes: Readonly<Record<string, () => void>> = {
    '\x80': () => void u8(), // PROTO
    '\x95': () => void take(8), // FRAME
    '(': () => void stack.push(mark),
    N: () => void stack.push(null),
    '\x88': () => void stack.push(true),
    '\x89': () => void stack.push(false),
    J: () => void stack.push(view.getInt32(take(4), true)),
    K: () => void stack.push(u8()),
    M: () => void stack.push(view.getUint16(take(2), true)),
    '\x8a': () => void stack.push(integer(u8())), // LONG1
    G: () => void stack.push(view.getFloat64(take(8), false)),
    X: () => void stack.push(text(u32())),
    '\x8c': () => void stack.push(text(u8())), // SHORT_BINUNICODE
    T: () => void stack.push(text(u32())),
    U: () => void stack.push(text(u8())),
    ')': () => void stack.push([]),
    ']': () => void stack.push([]),
    '}': () => void stack.push(new Map()),
    t: () => void stack.push(popToMark()),
    '\x85': () => void stack.push([pop()]),
    '\x86': () => void stack.push([pop(), pop()].reverse()),
    '\x87': () => void stack.push([pop(), pop(), pop()].reverse()),
    a: () => append([pop()]),
    e: () => append(popToMark()),
    s: () => setItems([pop(), pop()].reverse()),
    u: () => setItems(popToMark()),
    q: () => remember(u8()),
    r: () => remember(u32()),
    '\x94': () => remember(memo.size), // MEMOIZE
    h: () => recall(u8()),
    j: () => recall(u32()),
    c: () => global(line(), line()),
    '\x93': () => {
      const name = pop();
      global(String(pop()), String(name));
    }, // STACK_GLOBAL
    Q: () => void stack.push(load(pop())),
    R: reduce,
    b: () => {
      // Attributes of a dictionary, such as the versions of a state dictionary: of no use here.
      pop();
      if (!(stack.at(-1) instanceof Map)) throw unsafe('an object with attributes');
    },
  };
  for (;;) {
    const opcode = String.fromCharCode(u8());
    if (opcode === '.') return { value: pop(), end: at };
    const run = Object.hasOwn(opcodes, opcode) && opcodes[opcode];
    if (!run) throw unsafe(`the instruction 0x${opcode.charCodeAt(0).toString(16)} of a pickle`);
    charge(1);
    run();
  }
}
