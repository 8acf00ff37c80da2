/**
 * How often each letter follows another one in words, from `a` to `z` in both directions; the last row is for the first letter
 * of a word. A digit is a weight: one more stands for √3 times as often. Counted in English prose and in the commonest words
 * of English and, with less weight, German, French, Spanish and Italian; without accents.
 */
export const FOLLOWING = [
  '16772463624879160879653153', // a
  '84119001740810700753700060', // b
  '80508009706600900638600030', // c
  '70049031800422700551622030', // d
  '63685553511769352986453532', // e
  '80008710900700900846700030', // f
  '70019047700626700754700040', // g
  '80009000700322700425401030', // h
  '64767560002659742687250203', // i
  '90009000600000810070800000', // j
  '71009214801525610575502040', // k
  '82259320802831820156631070', // l
  '96109000800162870051600030', // m
  '82788492724326711189541043', // n
  '34552652413779550866755120', // o
  '90129206700820970956600030', // p
  '10000000100000000000900000', // q
  '83459241804455730566531051', // r
  '72709217803442761179703040', // s
  '80309109900410810766603052', // t
  '76768563713879360998030322', // u
  '70009000800000600200100000', // v
  '91029108901406800651300020', // w
  '71708205900210590018420240', // x
  '85659332702777970696624013', // y
  '82209014800311700114704046', // z
  '98987777855787783899667043', // the first
] as const;

/** Words that secrets are made of: of three letters and more, the commonest of English, and those of examples and of this trade. */
export const COMMON_WORDS: ReadonlySet<string> = new Set(
  `
  able about access account actually admin after again against all almost alone along already also
  always amet and another answer any anybody anymore anyone anything anyway api app apple
  application april are around ask asked audience august auth authenticate authentication
  authorization authorize autumn away back backend bad banana baseball battery bearer because become
  been before behind being believe best better between big bird bit bits black blog blue body book
  both brown but buy byte bytes call can car care case cat catch cause change char characters chars
  chat chave check cheese child cipher city clave client close cloud coffee come comes company
  config console contrasena control cookie correct could crypto current dashboard data database date
  day days default demo deploy dev develop development dictionary did different digits docker dog
  dolor don door down dragon dream dummy each eagle early earth either else email encrypt encryption
  end enough env environment even ever every everybody everyone everything example express external
  face fact fake family far fast father feel few find fine fire first fish five food football for
  found four fox free friday friend friends from front frontend full future game gateway geheim
  geheimes generate generated get github give gold good google got great green guess guest hand
  happen happy hard hash hashing have having heart hello help her here hero high him himself his
  hmac hold home hope horse hours house how human hunter idea iloveyou important insecure insert
  internal into invalid ipsum issuer job john json july jumps june just jwt keep key keys kind know
  knows last late later lazy least leave length let letmein letters life light like line lion little
  live local localhost login long longer look lorem lot love lozinka made mail main make makes many
  march master may maybe mean means mega member men might mind mine minimum minute monday money
  monkey month more morning most mother mountain move much music must myself name need needs never
  new news next night nobody node not nothing now number numbers old once one only open orange order
  other our out outside over own owner parents parola pass passe passphrase password passwords
  passwort people pepper perfect person phone phrase pizza place placeholder plan platform play
  please point possible power previous princess private probably problem prod production project
  public purple question quick qwerty random read reads ready real really reason red refresh release
  remember replace right river room root rotate rotation run safe salt same sample save say
  schluessel school second secret secreta secrete secreto secrets secure security see segredo segura
  self send senha sentence server service session set sha shadow she short should show sicher sign
  signature signed signing sit site small some somebody someone something special specs spring stage
  staging staple star start still stone stop store story string strong such summer sunday sunshine
  super sure system take talk team temp temporary test testing tests text than thank that the their
  them then there these they thing things think this those though three through tiger time times
  today together token tokens told too top tree true trust truth try two ultra under understand
  unique until use used user users using valid value verification verified verify version very
  wachtwoord want was water way weak web webhook website week welcome well went were what when where
  which while white who whoever whole why will wind winter wish with without word words work worked
  world would written wrong year years yes yet you young your yourself
  `
    .trim()
    .split(/\s+/),
);
