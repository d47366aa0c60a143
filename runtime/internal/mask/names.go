package mask

import "strings"

// kind says what stands behind a name.
type kind int

const (
	nothing kind = iota
	guess        // a secret, if it looks like one
	hinted       // a secret, if it looks like one, or like what somebody has thought of
	likely       // a secret, unless it is a number or a word
	sure         // a secret, unless it is one of the words that tell of one
	header       // an Authorization header
	cookie       // a Cookie header
	counted      // tokens that somebody counts, unless they look like a secret
)

// kindWords are the words by which names tell what stands behind them. Names are
// taken apart at capitals, digits, '_', '-' and '.'; the last word counts.
var kindWords = map[kind]string{
	sure: `password passwords passwd passphrase passphrases passcode passcodes pwd pswd psw passw pw pass pin pincode passwort kennwort senha contrasena contraseña motdepasse passe parola hasło haslo
		пароль 密码 密碼 비밀번호 パスワード psk seedphrase otp totp requirepass masterauth rocommunity rwcommunity rocommunity6 bindpw rootpw userpw storepass keypass sshpass pgpass pgpassword dbpass dbpwd passin passout
		jsessionid phpsessid sessid cvv cvc`,
	likely: `mnemonic secret secrets token credential credentials cred creds apikey apikeys jwt bearer authkey community dockerconfigjson accesskey secretkey privatekey passkey pat sas asp`,
	guess: `appid auth basic sig signature code session sid sessionid hmac assertion samlresponse ticket verifier keys
		xauth license licence`,
	counted: "tokens",
	header:  "authorization",
	cookie:  "cookie cookies",
}

// keys are the words before "key" that make it one that opens something, and
// those that make it one that everybody may know.
var (
	openingKeys = words(`api access secret private account shared signing sign encryption encrypt decryption master auth license licence service storage subscription client app application ssh deploy consumer
		webhook session hmac aes rsa jwt symmetric admin root server ssl tls pgp gpg vault bearer user unseal recovery stripe openai aws azure gcp google github gitlab slack twilio sendgrid datadog anthropic mailgun
		algolia maps rest security product function host instrumentation integration ingest write project cluster bot preshared pre-shared pragma wpa network wep sas`)
	openKeys = words(`partition primary foreign public pub cache sort row hash idempotency dedup deduplication routing object s3 map record message group unique duplicate index lookup range order sorting
		composite natural surrogate candidate dictionary dict json yaml config setting property metadata label annotation header field column attribute event state context lock hot press registry any
		each one no this that same another other first last next previous missing unknown invalid wrong bad unexpected required optional nested parent child arrow enter shift control escape translation i18n message_id
		binding mapping websocket storage_object blob topic kafka redis_cache resource feature flag option env_var template`)
)

// about are the words at the end of a name that tell of a secret without being
// it, and trailing those that say nothing.
var (
	about = words(`file files path paths dir directory folder name names id ids type types kind length len size count counter limit max min policy policies age expiry expires expired expire expiration expiring ttl
		url urls uri endpoint endpoints version field fields reset required enabled disabled changed set valid invalid status state strategy provider providers manager store ref refs reference arn format hint
		algorithm algo rotation index position usage budget total used per rate bucket mode method encoder encoding encryption hasher strength history less authentication auth validator validation prompt label
		source location lifetime duration timeout interval seconds minutes days at date time timestamp created updated issuer audience scope scopes error errors message messages title description help placeholder
		regex pattern rule rules attempts retries requests count env variable var template form input page link email user username owner host port key_id region alias group groups class bits curve serializer
		serde converter schema column table check checks checksum grant present missing exists length1 izer ization review info metadata request response create update delete list`)
	trailing = words(`value val string str text plain plaintext raw new old current confirm confirmation again repeat prod production dev development test testing staging env default base64 b64 encoded header bytes
		primary secondary input1 data content literal clear cleartext unencrypted decrypted backup local live base sandbox eu us main all txt bytes32 hex var1 ssm here`)
	noPass = words("bypass compass trespass surpass overpass underpass encompass monkey turkey donkey hockey jockey whiskey hotkey pubkey publickey keypad primarykey foreignkey sortkey rowkey cachekey partitionkey routingkey hashkey mickey smokey jersey passkeys lackey flunkey latchkey betoken spin unpin repin topspin backspin pushpin hairpin kingpin linchpin underpin terrapin")
)

var namedBy = func() map[string]kind {
	by := map[string]kind{}
	for k, list := range kindWords {
		for word := range strings.FieldsSeq(list) {
			by[word] = k
		}
	}
	return by
}()

// nameKind returns what stands behind a name, and whether the name is one plain
// word.
func nameKind(name string) (k kind, bare bool) {
	if plain := lower.only(name); plain && (len(name) < 2 || !endings[name[len(name)-2]][name[len(name)-1]]) {
		return nothing, true // as most are
	} else if plain {
		return wordKind(name, ""), true
	}
	if name == "" || digit[name[0]] && digit[name[len(name)-1]] {
		return nothing, true
	}
	var parts [12]string
	list := splitName(name, parts[:0])
	if len(list) == 0 {
		return nothing, true
	}
	bare = len(list) == 1
	last := len(list) - 1
	for last > 0 && (trailing[list[last]] || digit.only(list[last])) {
		last--
	}
	word := list[last]
	before := ""
	if last > 0 {
		before = list[last-1]
	}
	k = wordKind(word, before)
	if k == guess && (before == "access" || before == "security" || before == "client") {
		k = likely
	}
	if word == "auth" && before != "" && last == len(list)-1 {
		return hinted, bare // redis_auth
	}
	if k != nothing && word != "auth" {
		if last < len(list)-1 && k == header {
			return nothing, bare
		}
		return k, bare
	}
	if word == "id" && before == "secret" { // Vault's
		return likely, bare
	}
	if word == "id" && before == "session" {
		return guess, bare
	}
	if k == nothing && !bare && !strings.ContainsAny(name, "_-.") {
		k = wordKind(strings.ToLower(name), "") // PaSsWoRd
	}
	if about[word] || last == 0 || k != nothing {
		return k, bare
	}
	for _, part := range list[:last] {
		if w := wordKind(part, ""); w == sure || w == likely {
			return guess, bare
		}
	}
	return k, bare
}

// endings has the last two letters of the words that tell of a secret.
var endings = func() (by [256]set) {
	for word := range namedBy {
		by[word[len(word)-2]][word[len(word)-1]] = true
	}
	for _, word := range []string{"password", "passwd", "passphrase", "pwd", "pass", "pin", "secret", "token", "credentials", "credential", "key", "authorization"} {
		by[word[len(word)-2]][word[len(word)-1]] = true
	}
	return by
}()

// wordKind returns what stands behind a name that ends with two words.
func wordKind(word, before string) kind {
	if k, ok := namedBy[word]; ok {
		return k
	}
	if noPass[word] {
		return nothing
	}
	if word == "key" || len(word) > 4 && strings.HasSuffix(word, "key") {
		if word != "key" {
			before = word[:len(word)-len("key")]
		}
		switch {
		case openKeys[before]:
			return nothing
		case openingKeys[before]:
			return likely
		case before != "":
			return hinted
		}
		return guess
	}
	for _, end := range []string{"password", "passwd", "passphrase", "pwd", "pass", "pin"} {
		if len(word) > len(end) && strings.HasSuffix(word, end) {
			return sure
		}
	}
	for _, end := range []string{"secret", "token", "credentials", "credential", "apikey", "authorization"} {
		if len(word) > len(end) && strings.HasSuffix(word, end) {
			return likely
		}
	}
	return nothing
}

// splitName takes a name apart into words in small letters. Of a long one it
// returns the last words.
func splitName(name string, parts []string) []string {
	const enough = 64
	if len(name) > enough {
		name = name[len(name)-enough:]
	}
	begin := 0
	add := func(end int) {
		if end > begin {
			if len(parts) == cap(parts) {
				copy(parts, parts[1:])
				parts = parts[:len(parts)-1]
			}
			parts = append(parts, strings.ToLower(name[begin:end]))
		}
	}
	for i := range len(name) {
		switch c := name[i]; {
		case c == '_' || c == '-' || c == '.':
			add(i)
			begin = i + 1
		case i > begin && (capital[c] && !capital[name[i-1]] || digit[c] != digit[name[i-1]] && !isAcronym(name[begin:])):
			add(i)
			begin = i
		case i > begin+1 && lower[c] && capital[name[i-1]] && capital[name[i-2]] && !plural(name[i:]):
			add(i - 1)
			begin = i - 1
		}
	}
	add(len(name))
	return parts
}

// plural tells whether rest is the s of APIKEYs or IDs.
func plural(rest string) bool {
	return rest[0] == 's' && (len(rest) == 1 || !lower[rest[1]])
}

// isAcronym tells whether a word has a digit of its own.
func isAcronym(word string) bool {
	return strings.HasPrefix(word, "s3") || strings.HasPrefix(word, "S3") || strings.HasPrefix(word, "b64") || strings.HasPrefix(word, "i18n")
}

// isSecretName tells whether a text is the name of a secret, of several words.
func isSecretName(text string) bool {
	k, bare := nameKind(text)
	return (k == sure || k == likely) && !bare && digit.in(text) == 0
}
