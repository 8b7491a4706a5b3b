// TypeScript has had the types of WebGPU since version 6, and would find those of the package twice.
/// <reference types="@webgpu/types" />
export * from './dist/index.js';
