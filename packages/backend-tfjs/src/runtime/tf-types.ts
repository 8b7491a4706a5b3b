/**
 * The part of tfjs that this adapter uses, described structurally: whoever imports this package needs no tfjs types,
 * and any namespace that looks like this will do (`@tensorflow/tfjs`, `tfjs-core`, `tfjs-node`, `tfjs-node-gpu`).
 * Names and meanings follow `@tensorflow/tfjs-core` 4.x.
 */
import type { TypedArray } from '@vqkit/core';

/** Element types that tfjs stores and that we use. */
export type TfDType = 'float32' | 'int32' | 'bool';

/** A tfjs tensor as its kernels see it: an address, a shape and a dtype. */
export interface TensorInfo {
  readonly dataId: object;
  readonly shape: number[];
  readonly dtype: TfDType;
}

/** A tensor that tfjs's engine counts. */
export interface TfTensor extends TensorInfo {
  dispose(): void;
}

/** Attributes of a tfjs kernel. */
export type TfAttributes = Readonly<Record<string, unknown>>;

/** Inputs of a tfjs kernel: by name, or a list (Concat). */
export type TfInputs = Readonly<Record<string, TensorInfo>> | readonly TensorInfo[];

/** One of tfjs's runtimes: storage, reference counts and readback. */
export interface TfKernelBackend {
  write(values: TypedArray | null, shape: number[], dtype: TfDType): object;
  read(dataId: object): Promise<ArrayLike<number>>;
  readSync(dataId: object): ArrayLike<number>;
  disposeData(dataId: object, force?: boolean): boolean;
  incRef(dataId: object): void;
  numDataIds(): number;
  /** webgl and webgpu: moves values that are still on the host to the device. */
  uploadToGPU?(dataId: object): void;
}

/** A kernel as a runtime registers it. */
export interface TfKernelConfig {
  readonly kernelName: string;
  readonly backendName: string;
  readonly kernelFunc: (call: {
    inputs: TfInputs;
    attrs: TfAttributes;
    backend: TfKernelBackend;
  }) => TensorInfo | TensorInfo[];
  readonly setupFunc?: (backend: TfKernelBackend) => void;
}

/** tfjs's account of what it holds. */
export interface TfMemory {
  readonly numTensors: number;
  readonly numDataBuffers: number;
  readonly numBytes: number;
}

/**
 * A tfjs namespace. The members are declared as methods with loose types on purpose, so that tfjs's own, stricter
 * declarations fit.
 */
export interface TfNamespace {
  engine(): unknown;
  getKernel(kernel: string, backend: string): unknown;
  getKernelsForBackend(backend: string): unknown[];
  // biome-ignore lint/suspicious/noExplicitAny: tfjs's KernelBackend is a class of its own; see TfKernelBackend
  findBackend(name: string): any;
  getBackend(): string;
  setBackend(name: string): Promise<boolean>;
  ready(): Promise<void>;
  memory(): TfMemory;
  // biome-ignore lint/suspicious/noExplicitAny: tfjs's `keep` is generic over its tensor class
  keep(tensor: any): any;
  readonly version_core?: string;
}

/** The one method of tfjs's engine that we call: it makes a counted tensor of what a kernel returned. */
export interface TfEngine {
  makeTensorFromTensorInfo(info: TensorInfo, backend: TfKernelBackend): TfTensor;
}
