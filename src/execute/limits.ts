/** Indexes inside indexes. */
export const deepestNesting = 5;

/** Manifests of one image, with everything that refers to it. */
export const mostManifests = 5000;

/** Bytes of manifests held for one image. */
export const mostManifestBytes = 64 * 1024 * 1024;

/** Referrers of one manifest. */
export const mostReferrers = 1000;

/** Referrers of referrers of …: an SBOM's signature's attestation. */
export const deepestReferrers = 5;

/** Tags of a source that are listed to find cosign's; with more, each possible tag is asked for. */
export const mostTagsForAttachments = 1000;

/** Blobs in flight in one run, over all hosts. Each holds a few read buffers. */
export const blobsInFlight = 16;

/** The same for blobs that are no longer than {@link heldBack}: of those many fit into one buffer. */
export const smallBlobsInFlight = 64;

/** Blobs that one copy asks for, mounts, sends or waits for at once. */
export const wishesInFlight = 64;

/** Small requests of one copy at once. The HTTP room bounds them per host beside. */
export const requestsInFlight = 16;

/** A reader of a shared download that takes nothing for so long gets a download of its own. */
export const laggardMs = 5000;

/** How long a shared download waits for readers that are expected, once one is there. */
export const rendezvousMs = 1000;

/** The last bytes of a blob, which are not passed on before the digest is known to be right. */
export const heldBack = 64 * 1024;

/** Further attempts when a source's bytes are not what their digest says. */
export const mismatchRetries = 2;

/** Times that a manifest's missing contents are sent again. */
export const mostHeals = 2;
