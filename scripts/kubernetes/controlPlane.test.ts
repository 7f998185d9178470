import { expect, test } from 'vitest'
import { startControlPlane } from './controlPlane.ts'

test('a part that ends at once fails the start, with its own words', async () => {
  const binaries = {
    etcd: '/bin/sh',
    apiserver: '/bin/sh',
    controllerManager: '/bin/sh',
    scheduler: '/bin/sh',
    kubectl: '/bin/sh',
  }
  await expect(startControlPlane(binaries)).rejects.toThrow(/etcd ended before the control plane was ready:\n.*sh/)
})
