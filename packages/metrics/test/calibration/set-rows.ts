/** Golden values of the set distances and of codebook statistics. */
import { usageOfCounts } from '../../src/codes/code-counter.ts';
import { FeatureStatistics } from '../../src/frechet/feature-statistics.ts';
import { frechetDistance } from '../../src/frechet/frechet-distance.ts';
import { kernelDistance } from '../../src/frechet/kernel-distance.ts';
import { type CalibrationRow, rowsOf } from './row.ts';

/** All of them. */
export function setRows(): CalibrationRow[] {
  const [x, y] = [Float64Array.of(0, 0, 1, 0, 0, 1, 1, 1), Float64Array.of(1, 1, 2, 1, 1, 2, 3, 2)];
  const [momentsX, momentsY] = [x, y].map((features) => {
    const statistics = new FeatureStatistics(2);
    statistics.update(features);
    return statistics.compute();
  });
  return [
    ...rowsOf({ case: 'four points each', reference: 'NumPy float64', isPublished: false }, [
      ['Fréchet distance', '2.7264192791', frechetDistance(momentsX!, momentsY!)],
      ['kernel distance', '37.2604166667', kernelDistance(x, y, 2).mean],
    ]),
    ...rowsOf({ case: 'counts (1, 1, 2)', reference: 'definition', isPublished: false }, [
      ['perplexity', '2.8284', usageOfCounts([1, 1, 2]).perplexity],
    ]),
  ];
}
