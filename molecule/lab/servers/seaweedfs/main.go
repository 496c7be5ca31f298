// SPDX-License-Identifier: AGPL-3.0-or-later

// Weed runs SeaweedFS' server for "make stores": "weed server -s3 ..." is a master, a volume server, a filer and its S3
// gateway in one process. SeaweedFS' own main sends crash reports, so it is not used.
package main

import (
	"fmt"
	"os"

	"github.com/seaweedfs/seaweedfs/weed/command"
	client "github.com/seaweedfs/seaweedfs/weed/util/http"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "Usage: weed COMMAND [ARGUMENT...], such as: weed server -s3")
		os.Exit(2)
	}
	client.InitGlobalHttpClient()
	for _, one := range command.Commands {
		if one.Name() != os.Args[1] {
			continue
		}
		if err := one.Flag.Parse(os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		if !one.Run(one, one.Flag.Args()) {
			os.Exit(1)
		}
		os.Exit(command.CommandExitStatus())
	}
	fmt.Fprintln(os.Stderr, "weed has no command "+os.Args[1])
	os.Exit(2)
}
