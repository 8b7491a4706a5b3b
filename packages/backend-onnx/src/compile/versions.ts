/** Versions of the ONNX format that we write. */

/** The operator set; onnxruntime 1.20 and later know it. */
export const opset = 21;

/** The file format version that goes with it. */
export const irVersion = 10;
