// What does everybody think of first? Words and keys that open far too many doors, in the languages spoken here.

/** What a password is usually built around, with a number or a sign behind it. */
export const commonWords: ReadonlySet<string> = new Set(
  `password passwort passwoerter kennwort adgangskode kodeord motdepasse contrasena geheim secret hemmelig admin
  administrator root user benutzer bruger gast guest test testtest demo login anmelden willkommen welcome velkommen hallo
  hello hej hallowelt helloworld changeme changethis letmein trustno iloveyou ichliebedich jegelskerdig schatz schatzi
  sonnenschein sunshine princess prinzessin prinsesse dragon drache monkey football fussball fodbold baseball master
  superman batman pokemon starwars computer internet samsung iphone google facebook qwerty qwertz qwertyuiop qwertzuiop
  asdf asdfgh asdfghjkl yxcvbnm zxcvbnm sommer summer winter fruehling herbst spring autumn vinter foraar efteraar
  januar februar maerz april juni juli august september oktober november dezember december montag dienstag mittwoch
  donnerstag freitag samstag sonntag lotse lotsen lotsin suchthilfe beratung klinik rathaus stadt kommune gemeinde
  deutschland germany danmark denmark berlin hamburg muenchen koeln flensburg kiel dortmund schalke bayern bvb werder
  stpauli passwordpassword passwortpasswort meinpasswort mypassword minadgangskode neuespasswort newpassword
  geheimespasswort sicherespasswort securepassword correcthorsebatterystaple`.split(/\s+/),
)

/** What fingers find on a keyboard or in the order of things, there and back. */
export const rows: readonly string[] = [
  '01234567890123456789',
  'abcdefghijklmnopqrstuvwxyz',
  'qwertzuiopüasdfghjklöäyxcvbnm',
  'qwertyuiopåasdfghjklæøzxcvbnm',
  '1q2w3e4r5t6z7u8i9o0p',
  '1q2w3e4r5t6y7u8i9o0p',
  '1qay2wsx3edc4rfv5tgb6zhn7ujm',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm',
]
