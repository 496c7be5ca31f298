// SPDX-License-Identifier: AGPL-3.0-or-later

package secret

import (
	"slices"
	"strings"
)

// grade says how much of what is under a key of a free-form map is secret.
type grade int

const (
	// open: nothing. What is inside has keys of its own.
	open grade = iota
	// inside: the texts of a list or a map, not a single value: tokens may be a
	// number of them.
	inside
	// several: as inside, and a text that is not a number.
	several
	// text: a text, and the texts of a list, but not what a map has inside: auth
	// is as often a group of settings.
	text
	// deep: all of it, but for what says where a secret is (see harmless).
	deep
)

// Sensitive reports whether a text under this key of a free-form map is taken
// for a secret, by the custom of the programs that we configure: the last words
// of the key tell, in any way of writing it. Names of Secrets and of their
// entries, and files, are no secrets.
func Sensitive(key string) bool { return gradeOf(key) >= text }

// nouns are last words of keys, joined, that may also end a longer
// word: dbpassword, PGPASSWORD, authtoken.
var nouns = []string{
	"password", "passwd", "passphrase", "passcode", "htpasswd", "secret", "token", "credential", "credentials",
	"authorization", "basicauth", "bearer", "connectionstring", "connectionstr", "connstring", "connstr", "dsn", "webhookurl", "webhookuri",
	"hookurl", "slackapiurl", "accesskey", "accesskeyid", "apikey", "secretkey", "secretaccesskey", "secretid", "privatekey", "signingkey", "encryptionkey", "decryptionkey",
	"masterkey", "sharedkey", "accountkey", "licensekey", "sessionkey", "authkey", "hmackey", "sessionid", "sharedaccesssignature",
	"sastoken", "authheader", "authorizationheader", "authbasic", "secretaccess", "mnemonic", "totp", "hmac", "dockerconfigjson", "dockerconfig", "dockercfg", "pgpass", "netrc",
	"servicekey", "routingkey", "integrationkey", "storagekey", "s3key", "awskey", "unsealkey", "unlockkey", "appkey", "applicationkey", "consumerkey",
	"deploykey", "securitykey", "pushoverkey", "wireguardkey", "rsakey", "ecdsakey", "accesscode", "recoverycode", "backupcode", "authstring", "passwort",
	"kennwort", "dbpass", "userpass", "adminpass", "rootpass", "smtppass", "mailpass", "redispass", "ldappass", "keypass", "storepass",
	"bindpw", "userpw", "rootpw", "adminpw", "dbpw", "pswd", "keytab", "secretkeybase", "pincode", "lockcode", "invitecode", "backupcode",
	"recoverykey", "gossipkey", "csrfkey", "antiforgerykey", "tsigkey", "aescbckey", "instrumentationkey", "pagerdutykey", "stripekey", "sendgridkey",
	"sopsagekey", "gpgkey", "serviceaccountjson", "snmpcommunity", "totpseed", "otpseed", "unlockpin", "simpin",
	// Keys of back ends for traces, as their documentation calls the header.
	"honeycombteam", "ingestionkey", "ingestkey", "insertkey",
	// All of what Grafana encrypts (pkg/services/datasources and ngalert).
	"securejsondata", "securesettings",
	"motdepasse", "wachtwoord", "contraseña", "contrasena", "hasło", "heslo", "passord", "lösenord", "salasana", "şifre", "geheimnis",
	"пароль", "密码", "密碼", "パスワード",
}

// words are last words of keys that are ordinary parts of other words.
var words = map[string]grade{
	"pass": deep, "pwd": deep, "pw": deep, "creds": deep, "sas": deep, "jwt": deep, "pin": deep, "otp": deep, "passwords": deep, "pat": deep,
	"puk": deep, "psw": deep, "senha": deep, "haslo": deep, "parola": deep,
	"psk": deep, "pepper": text, "csrf": text, "xsrf": text,
	"auth": text, "session": text, "cookie": text, "webhook": text, "kubeconfig": text,
	"salt": text, "tokens": several, "secrets": inside, "cookies": inside, "sessions": inside,
}

// files are keys that hold a key or the path of one.
var files = []string{"clientkey", "sshkey", "tlskey", "serverkey", "sslkey", "keypem", "cakey", "idrsa", "idecdsa", "kubeconfig", "registryauth"}

// qualifiers may follow the last word that tells.
var qualifiers = map[string]bool{
	"value": true, "hash": true, "hashed": true, "base64": true, "b64": true, "encoded": true, "old": true, "new": true, "current": true,
	"previous": true, "data": true, "pem": true, "plain": true, "plaintext": true, "raw": true, "md5": true, "sha256": true, "json": true,
}

// named come before "secret" in keys that name a Secret of Kubernetes.
var names = map[string]bool{
	"existing": true, "pull": true, "tls": true, "from": true, "cert": true, "certificate": true, "ca": true, "image": true,
	"external": true, "config": true, "mount": true, "of": true, "password": true, "passwords": true, "credential": true,
	"credentials": true, "extra": true, "use": true, "create": true, "k8s": true, "kubernetes": true, "existed": true,
}

// known are keys with a meaning of their own: cookies that Grafana passes on, by
// name, and what Kubernetes makes by itself (core/v1, ServiceAccountTokenProjection).
var known = map[string]bool{"keepcookies": true, "serviceaccounttoken": true, "automountserviceaccounttoken": true}

func gradeOf(key string) grade {
	parts := partsOf(key)
	for len(parts) > 1 && (qualifiers[parts[len(parts)-1]] || isNumber(parts[len(parts)-1])) && gradeOfNoun(strings.Join(parts, "")) == open {
		parts = parts[:len(parts)-1]
	}
	if len(parts) == 0 {
		return open
	}
	joined := strings.Join(parts, "")
	if known[joined] || slices.Contains(parts, "existing") || slices.Contains(parts, "checksum") || strings.HasPrefix(joined, "existing") {
		return open
	}
	last := strings.TrimRight(parts[len(parts)-1], "0123456789")
	if strings.HasPrefix(last, "secret") && len(last) <= len("secrets") && len(parts) > 1 && names[parts[len(parts)-2]] {
		return open
	}
	if found, ok := words[last]; ok {
		return found
	}
	return gradeOfNoun(strings.TrimRight(joined, "0123456789"))
}

// gradeOfNoun looks at the end of a key whose words are written as one.
func gradeOfNoun(joined string) grade {
	ends := func(tail string) bool {
		return slices.ContainsFunc(nouns, func(noun string) bool { return strings.HasSuffix(joined, noun+tail) })
	}
	switch {
	case ends(""):
		return deep
	case ends("s"), ends("users"):
		return several
	case strings.Contains(joined, "publickey"):
		return open
	}
	if slices.ContainsFunc(files, func(noun string) bool { return strings.HasSuffix(joined, noun) }) {
		return text
	}
	return open
}

// partsOf are the words of a key in lower case: basicAuthPassword, APIKey,
// client-secret and DB_PASSWORD have two or three.
func partsOf(key string) []string {
	var parts []string
	begin := 0
	cut := func(end int) {
		if end > begin {
			parts = append(parts, strings.ToLower(key[begin:end]))
		}
	}
	for i := range len(key) {
		switch {
		case !isLetter(key[i]) && !isDigit(key[i]):
			cut(i)
			begin = i + 1
		case i > begin && isUpper(key[i]) && (!isUpper(key[i-1]) || i+1 < len(key) && isLower(key[i+1])):
			cut(i)
			begin = i
		}
	}
	cut(len(key))
	return parts
}

func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }

func isLower(c byte) bool { return c >= 'a' && c <= 'z' }

func isLetter(c byte) bool { return isUpper(c) || isLower(c) || c >= 0x80 }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isNumber(word string) bool { return strings.Trim(word, "0123456789") == "" }
