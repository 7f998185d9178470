import { defineConfig } from 'vitest/config'

const outsideOurCode = ['**/node_modules/**', '.sluice/**']
const minuteMs = 60_000

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [...outsideOurCode, 'test/{acceptance,isolation,faults,kubernetes,proof}/**'],
          testTimeout: minuteMs / 2,
          hookTimeout: minuteMs,
        },
      },
      {
        test: {
          name: 'acceptance',
          include: ['test/{acceptance,isolation,faults}/**/*.test.ts'],
          exclude: outsideOurCode,
          // Every file starts a cloud of its own: two at once on two cores would time each other out.
          fileParallelism: false,
          testTimeout: 2 * minuteMs,
          hookTimeout: 2 * minuteMs,
        },
      },
      {
        test: {
          name: 'kubernetes',
          include: ['test/kubernetes/**/*.test.ts'],
          exclude: outsideOurCode,
          fileParallelism: false,
          testTimeout: 3 * minuteMs,
          hookTimeout: 5 * minuteMs,
        },
      },
      {
        test: {
          name: 'proof',
          include: ['test/proof/**/*.proof.ts'],
          exclude: outsideOurCode,
          fileParallelism: false,
          testTimeout: 30 * minuteMs,
          hookTimeout: 10 * minuteMs,
        },
      },
    ],
  },
})
