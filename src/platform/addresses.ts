// Does a request come from where it may come from?
import { isIPv4 } from 'node:net'
import { networksOf } from './outbound.ts'

/** An IPv4 address that a socket of both families writes into IPv6 is that IPv4 address. */
const plain = (ip: string) => {
  const [, mapped = ''] = /^::ffff:([\d.]+)$/i.exec(ip) ?? []
  return isIPv4(mapped) ? mapped : ip
}

/** Whether `ip` lies in one of the networks (CIDR). */
export const comesFrom = (networks: readonly string[], ip: string) => networksOf(networks)(plain(ip))
