/** What is said of a switch that skips certificates, which in other tools allows plain HTTP as well. */
export const mayBePlain =
  'no certificate is checked, and plain HTTP is spoken where there is no TLS; tranship.yaml says `url: http://…` for that';
