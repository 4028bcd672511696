/** Quay looks addresses up in a file that comes with it; loopback is the internet there. */
export const resolvedIp = {
  provider: 'internet',
  service: null,
  sync_token: '1645662201',
  country_iso_code: null,
  aws_region: null,
  continent: null,
};
