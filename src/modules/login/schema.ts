// What do signing in, passwords and second factors look like on the wire?
import { z } from 'zod'
import { Id, Instant } from '../../platform/zod.ts'
import { Email, NewPassword, Password, Slug, UserInFull } from '../identity/index.ts'

// As people type it: in groups, or with a hyphen.
const Otp = z
  .string()
  .max(20)
  .regex(/^[0-9A-Za-z][0-9A-Za-z -]{4,18}[0-9A-Za-z]$/)
  .meta({ examples: ['123456'] })

export const SignIn = z
  .strictObject({
    municipality: Slug,
    email: Email,
    password: Password,
    otp: Otp.optional().meta({
      description:
        'Where a second factor is on: the six digits of now, or a recovery code. Each is good once.',
    }),
    membershipId: Id.optional().meta({
      description: 'Under which membership to act; the oldest when left out.',
    }),
  })
  .meta({ id: 'SignIn' })

export const Refresh = z.strictObject({ refreshToken: z.string().min(1).max(300) }).meta({ id: 'Refresh' })

export const Tokens = z
  .object({
    accessToken: z.string().max(2000).meta({ description: 'For `Authorization: Bearer`; short-lived.' }),
    expiresIn: z.int().min(0).max(3600).meta({ description: 'Seconds until the access token expires.' }),
    refreshToken: z
      .string()
      .max(300)
      .meta({ description: 'For one call of `/v1/auth/refresh`; using it twice ends the session.' }),
    tokenType: z.literal('Bearer'),
    membershipId: Id,
    mustFirst: z.enum(['change_password', 'set_up_second_factor']).nullable().meta({
      description:
        'What has to be put right before anything else: until then this session may do nothing but that, for a quarter of an hour. Then sign in again.',
    }),
  })
  .meta({ id: 'Tokens' })

export { UserInFull }

export const PasswordChange = z
  .strictObject({ currentPassword: Password, newPassword: NewPassword })
  .meta({ id: 'PasswordChange' })

export const UserWithPassword = UserInFull.extend({
  temporaryPassword: z
    .string()
    .max(40)
    .optional()
    .meta({
      description:
        'Shown once, and not to whoever repeats the request; it opens nothing but the way to another one.',
      examples: ['k7m2p-9qxwd-4hbtn-c8vzr'],
    }),
  temporaryUntil: Instant.optional(),
}).meta({ id: 'UserWithPassword' })

export const SecondFactor = z
  .object({
    id: Id.meta({ description: 'Of the person whose it is.' }),
    state: z.enum(['off', 'begun', 'on']),
    recoveryCodesLeft: z.int().min(0).max(10),
    secret: z
      .string()
      .max(64)
      .nullable()
      .meta({
        description: 'For an app that cannot read the QR code; answered once, when it is made.',
        examples: ['JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'],
      }),
    uri: z
      .string()
      .max(600)
      .nullable()
      .meta({ description: 'For the QR code (`otpauth://…`); answered once, when it is made.' }),
    recoveryCodes: z
      .array(z.string().max(20))
      .max(10)
      .nullable()
      .meta({ description: 'Each is good once instead of a code; answered once, when it is switched on.' }),
  })
  .meta({ id: 'SecondFactor' })

export const StartSecondFactor = z
  .strictObject({ currentPassword: Password })
  .meta({ id: 'StartSecondFactor' })
export const ConfirmSecondFactor = z
  .strictObject({
    code: z
      .string()
      .max(7)
      .regex(/^\d{3} ?\d{3}$/)
      .meta({ examples: ['123456'] }),
  })
  .meta({ id: 'ConfirmSecondFactor' })
export const EndSecondFactor = z
  .strictObject({ code: Otp.meta({ description: 'The six digits of now, or a recovery code.' }) })
  .meta({ id: 'EndSecondFactor' })
