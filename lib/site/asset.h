// site/asset.h: the files of www/ and the gnuplot scripts, embedded by make.
#ifndef SITE_ASSET_H
#define SITE_ASSET_H

#include "base/asset.h"

extern const struct asset site_assets[]; // ended by one without a name

#endif
