#!/bin/sh
# Development registries with Basic authentication, one process each, until Ctrl-C:
#     REGISTRY_USER=testuser REGISTRY_PASSWORD=testpassword sh start.sh
# Then, in another shell with the same variables:
#     tranship sync -c sync-cfg.yaml
set -eu
tranship=${TRANSHIP:-tranship}
trap 'kill $(jobs -p) 2>/dev/null' EXIT INT TERM
for port in ${PORTS:-5100 5101 5102 5103}; do
  $tranship serve --listen "127.0.0.1:$port" --user "$REGISTRY_USER" --password-env REGISTRY_PASSWORD &
done
wait
