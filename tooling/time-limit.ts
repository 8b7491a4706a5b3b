/**
 * How long anything in a test may take: the limit is there to end a hang, never to measure, so it is far above what any
 * test needs, on a busy machine too. `VQKIT_TIME_SCALE` multiplies it: 4 under an emulator, 0.1 to look for a hang.
 */
export const hangMs = 1_800_000 * Number(process.env.VQKIT_TIME_SCALE ?? 1);
