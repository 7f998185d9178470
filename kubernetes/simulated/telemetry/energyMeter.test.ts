import { assert, test } from 'vitest'
import { EnergyMeter } from './energyMeter.ts'
import { drawnWatts, IDLE_WATTS } from './power.ts'

test('an idle device draws its idle power from the beginning', () => {
  assert.equal(new EnergyMeter(1_000).millijoules('a', 11_000), IDLE_WATTS * 10_000)
})

test('energy is the integral of the power over what runs, share by share', () => {
  const meter = new EnergyMeter(0)
  meter.change('a', 0.5, 10_000)
  meter.change('a', 0.5, 20_000)
  meter.change('a', -1, 40_000)
  const joules = (IDLE_WATTS * 10 + drawnWatts(0.5) * 10 + drawnWatts(1) * 20 + IDLE_WATTS * 5) * 1_000
  assert.equal(meter.millijoules('a', 45_000), joules)
})

test('it never counts back, however often it is asked', () => {
  const meter = new EnergyMeter(0)
  meter.change('a', 1, 10_000)
  const before = meter.millijoules('a', 10_000)
  assert.equal(meter.millijoules('a', 9_000), before)
  assert.equal(meter.millijoules('a', 10_000), before)
})
