/** `vqkit`: the command line as a function, for programs that want to call it. */
export { createProgram, main } from './program.ts';
