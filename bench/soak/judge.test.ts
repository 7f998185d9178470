import { describe, expect, test } from 'vitest'
import { judge, slopeOf } from './judge.ts'

const course = (figure: string, valueAt: (step: number) => number) =>
  judge(
    Array.from({ length: 60 }, (_, step) => ({ [figure]: valueAt(step) })),
    10,
  )[0]

describe('a soak is judged by its second half', () => {
  test('what rises first and then stays is level', () => {
    expect(course('gateway heap MiB', (step) => Math.min(60, 30 + step * 2))?.verdict).toBe('level')
  })

  test('what goes on rising grows, and it says how fast', () => {
    const { verdict, growthPerHour } = course('gateway heap MiB', (step) => 60 + step) ?? {}
    expect([verdict, growthPerHour]).toEqual(['grows', 360])
  })

  test('what goes up and down is level', () => {
    expect(course('gateway sockets', (step) => 40 + (step % 7))?.verdict).toBe('level')
  })

  test('a table that is kept may grow, one that is not may not', () => {
    const rising = (step: number) => step * 100
    expect(course('jobs.events rows', rising)?.verdict).toBe('kept')
    expect(course('jobs.observation_progress rows', rising)?.verdict).toBe('grows')
  })
})

test('the slope of a line is what it rises by each step', () => {
  expect(slopeOf([3, 5, 7, 9])).toBe(2)
  expect(slopeOf([4])).toBe(0)
})
