/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/board/sim_stub_kind.h"

#include <string.h>

#include "base/digest.h"
#include "sim/board/sim_state.h"

enum release { V1, V2_0_8, V2_1_0, V2_1_2, RELEASES };

static const struct stub_kind kinds[RELEASES] = {
    [V1] = {.name = "v1", .version = 1, .block_max = 0x4000},
    /* Carried by esp-serial-flasher; taken to be like 1.0.0, which was measured on an ESP32. */
    [V2_0_8] = {.name = "v2 0.8.0", .version = 2, .guards_end = true},
    [V2_1_0] = {.name = "v2 1.0.0", .version = 2, .guards_end = true},
    /* Measured on a C3. */
    [V2_1_2] = {.name = "v2 1.2.2", .version = 2, .skips_blank = true, .fast = true, .resyncs = true},
};

/* Texts of the files that Espressif ships; hashes computed from those. */
static const struct {
    const char *chip;
    enum release release;
    uint32_t start, size;
    const char *sha256;
    int since, before; /* revisions on which it runs; 0: any */
} texts[] = {
    {"esp32", V1, 0x400be000, 3540, "b2dff40d626d2e83234ba17f79ab968cf5505cf989d15f9954ed477777eeddad", 0, 0},
    {"esp32", V2_0_8, 0x400a8000, 6048, "87260187d8b11c9977e966f6895509e29f9fceba3a6897b19baa3c07bdf961fc", 0,
     0},
    {"esp32", V2_1_0, 0x400a8000, 6140, "59c217e201a5910c15a0f202f2852c8ea44b7406bbf227e2cd6e88fd6a2a75af", 0,
     0},
    {"esp32", V2_1_2, 0x400a8000, 6456, "fc5fb606754d152b9b9e4f20c72fdad83d1d99b1b139744bc53cc160b1edd570", 0,
     0},
    {"esp32s2", V1, 0x40028000, 4476, "e9ceeffe0ef179759c797aaffbc2eb63fc6926adea980ad1d295b8652b2278f3", 0,
     0},
    {"esp32s2", V2_0_8, 0x40028000, 6740, "33fd9e7b52091bc01157c3c8a69e4c3bbe74701959c0cc531a630e468ddec664",
     0, 0},
    {"esp32s2", V2_1_0, 0x40028000, 6724, "1e7edee974ecae1194882eff73d7b230e89c9db126e2a527ee628f9347b3a7d6",
     0, 0},
    {"esp32s2", V2_1_2, 0x40028000, 6600, "2f9d78912aabf158d013c6162becdd85967dd4794032012f3600228cddec5ef9",
     0, 0},
    {"esp32s3", V1, 0x40378000, 5676, "4f2db4cfaa9938d03537519d95081372f8b833dfcf2ae8fb47fc90425cb853d3", 0,
     0},
    {"esp32s3", V2_0_8, 0x40378000, 7660, "d1cc6f26a627900d0499a6d7d8c004b58ff277c00e253993a9d949dce896e346",
     0, 0},
    {"esp32s3", V2_1_0, 0x40378000, 7644, "d0f85e42389e8f5fba03e47444d9fab43e59c2dcd6649059fb22ab69c54f5cdd",
     0, 0},
    {"esp32s3", V2_1_2, 0x40378000, 7832, "c37a7d12d52633fd629fbed13f3a7418216af368d8e80f17853ce6de29741374",
     0, 0},
    {"esp32c3", V1, 0x40380000, 3812, "857660860ee353699c11c6dfc82d3bfd0bcfa7890c8c9b5fc84f1a551f1f5003", 0,
     0},
    {"esp32c3", V2_0_8, 0x40380000, 6040, "910a037a1ae49e89f2ee20cc046229f96b1669795a3bea2d08256536126406a7",
     0, 0},
    {"esp32c3", V2_1_0, 0x40380000, 6024, "3197a9e051fd53da0fe3e39d9aded139e5386f50edfc8af998382b065a173c35",
     0, 0},
    {"esp32c3", V2_1_2, 0x40380000, 5880, "c06cc1a34a02d8f8755692cf89843b388978d19a255b0d9c26b10a0f41a90ffb",
     0, 0},
    {"esp32c2", V1, 0x40380000, 3360, "32c1f9e86602ad46f0e48d04c6791699e25d3fd8a9180c7861e135577b20b8b0", 1,
     0},
    {"esp32c2", V2_0_8, 0x40380000, 6036, "15def54bdca077d4739122faa6b12bab6ae68552a0a92db0be4b0f00606162c0",
     1, 0},
    {"esp32c2", V2_1_0, 0x40380000, 6024, "12f93e18aab1ec721f5147fb8446f70d468d536692098c0c923328d3c9a6df44",
     1, 0},
    {"esp32c2", V2_1_2, 0x40380000, 5816, "69e484070942074e7af2d2c5ea5f90e97b619357d44484dfc84e1d89ae639c8b",
     1, 0},
    {"esp32c5", V1, 0x40800000, 4924, "d20a2e10c30b817315e0e651b2cd7e626b32243dffd8246b842c8a2cf7070032", 0,
     0},
    {"esp32c5", V2_0_8, 0x40800000, 7796, "4d21583af8eebc8d44f0c2faae46d63106f14ca29ebb10b9b3d44a90ebef8458",
     0, 0},
    {"esp32c5", V2_1_0, 0x40800000, 7784, "c9d36e0d4b45d0d2b45cc33f4e31a460f78cd42a6294a6992ffcfa4cd14f732d",
     0, 0},
    {"esp32c5", V2_1_2, 0x40800000, 8028, "c43fbce8a06d2c793ba657bced32a1af38a1eb5a1d5731eeeef4ee67b301139c",
     0, 0},
    {"esp32c6", V1, 0x40800000, 3728, "05bd47f6c34739cef5cf9680517cc73c6934cabffc9c3b1b37a68ba445bc5cd3", 0,
     0},
    {"esp32c6", V2_0_8, 0x40800000, 7064, "125ae53087fc8d0a3e568a65a167a0387c4be1d09c8d95b683337de4a17ffbd4",
     0, 0},
    {"esp32c6", V2_1_0, 0x40800000, 7052, "9d59894c5e83672666d0331f1358b9fde5614530ac65df22701fbf6817915804",
     0, 0},
    {"esp32c6", V2_1_2, 0x40800000, 6900, "904a314959d712695b699b08873a428c2080e0ce6dc17ebf7657449ea84383d4",
     0, 0},
    {"esp32c61", V2_0_8, 0x40800000, 6328, "72cda8495567855193b439692f42abb0b1c38a353e7d524e3b805f732650c3a2",
     0, 0},
    {"esp32c61", V2_1_0, 0x40800000, 6312, "7dafaaff511076ecf86fd67a323ea393c8c51ab4f95cda503a0f9c522c123ea5",
     0, 0},
    {"esp32c61", V2_1_2, 0x40800000, 6552, "85f086b45a996d6c2f8e8b7b28ab64db7d5541ef9d8ac2750ceebf13c51fedda",
     0, 0},
    {"esp32h2", V1, 0x40800000, 3728, "be453f1b44dfd95ef557dab68388db98ebe899ad72fd6b2a9c4583fee470b2c9", 0,
     0},
    {"esp32h2", V2_0_8, 0x40800000, 6028, "8a818849ff57009f0a72421c36ee359cc5fb43df86fb5fbbda2cc0ac605ca2b1",
     0, 0},
    {"esp32h2", V2_1_0, 0x40800000, 6012, "247846ab01cd5d2039b266ceaafaff27ac9911160adc4b2f4b062ead729b6034",
     0, 0},
    {"esp32h2", V2_1_2, 0x40800000, 5864, "a177fb52a62156a15f8959f70adacbf02d896c3593f814760b4008ec6df22ee9",
     0, 0},
    {"esp32p4", V1, 0x4ff10000, 5400, "c2b6fb9a070b286e851afe5219f55db45372f237bd53d49d5563b60ace62c43e", 0,
     300},
    {"esp32p4", V2_0_8, 0x4ff10000, 7324, "86e14b9ed4e19c60922c96fcb436e8cd84e088c668ab13e155d89ff2e34009f6",
     0, 300},
    {"esp32p4", V2_1_0, 0x4ff10000, 7308, "56e571c4cd05ab2ae0859fe0e93398855f6710141b289b9bed0db3bd74b9cc6e",
     0, 300},
    {"esp32p4", V2_1_2, 0x4ff10000, 8176, "60a6e7036d578f1a7b5e4c78e0f2183643d9d30bb9bedb6f7c4b964a40957bdc",
     0, 300},
    {"esp32p4", V2_0_8, 0x4ff50000, 7324, "f59629634c4e478eae519433fce2fee0779ec34866eb54c4435b368f4ea2fdcf",
     300, 0},
    {"esp32p4", V2_1_0, 0x4ff50000, 7308, "994233fd1966e1c3175445bebf5c6c6f2862d77b22ce7451466e0f5dc36b1f9b",
     300, 0},
    {"esp32p4", V2_1_2, 0x4ff50000, 8176, "16b0c6e425c4ca8dce5a0cc52d1df35b3fc16aa1c6fa5a7512ff9ce1514bbf3d",
     300, 0},
};

static bool fits(const struct sim_board *b, size_t i)
{
    int revision = b->config.revision;

    return strcmp(texts[i].chip, b->chip->name) == 0 && revision >= texts[i].since &&
           (texts[i].before == 0 || revision < texts[i].before);
}

const struct stub_kind *sim_stub_recognise(const struct sim_board *b, uint32_t entry)
{
    for (int s = 0; s < b->mem.count; s++) {
        const struct sim_segment *seg = &b->mem.segment[s];
        if (entry < seg->address || entry - seg->address >= seg->size)
            continue;
        uint8_t sha[SHA256_SIZE];
        char hex[2 * SHA256_SIZE + 1];
        digest_sha256(seg->bytes, seg->size, sha);
        digest_hex(sha, sizeof sha, hex);
        for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
            if (texts[i].start == seg->address && texts[i].size == seg->size && fits(b, i) &&
                strcmp(texts[i].sha256, hex) == 0)
                return &kinds[texts[i].release];
    }
    return NULL;
}

const struct stub_kind *sim_stub_named(const char *name)
{
    for (size_t i = 0; i < RELEASES; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}
