#!/bin/sh
# What the demonstration sends by: every mail, SMS, push and webhook becomes a file below "sent", and nothing leaves this machine.
#
#   send CHANNEL DELIVERY ATTEMPT ADDRESS <WHAT-IS-SENT
#
# A program of channels.conf, as docs/delivery.md describes them. It plays the parts of providers, too: some say "not now" at the
# first try, one refuses a domain that there is not, one has lost a device.
set -eu
channel=$1 delivery=$2 attempt=$3 address=$4
here=${0%/*}/sent/$channel
tail=${delivery#"${delivery%????????}"} # as the console's short ids end
umask 077

# refuse STATUS TEXT: 75 is tried again, 68 never heals (sysexits.h); operators read the text
refuse() {
    cat >/dev/null
    echo "$2" >&2
    exit "$1"
}
case $channel:$attempt:$delivery in
email:1:*[0-3]) refuse 75 "451 4.7.1 greylisted: come again in five seconds" ;;
sms:1:*[0-5]) refuse 75 "429 too many messages a second" ;;
esac
case $channel:$address in
email:*@*.example) ;;
email:*) refuse 68 "550 5.1.2 there is no domain ${address##*@}: is it spelt right?" ;;
push:lost-*) refuse 68 "410 the device has gone: the app was removed from it" ;;
esac

case $channel in email) ending=eml ;; sms) ending=txt ;; *) ending=json ;; esac
mkdir -p "$here"
for file in "$here"/*-"$tail.$ending"; do # named without the address, which operators do not read
    if [ -e "$file" ]; then # sent before its worker was killed, who could not record it
        cat >/dev/null
        echo "$file"
        exit 0
    fi
done
file=$here/$(date +%Y%m%d-%H%M%S)-$tail.$ending
{
    if [ "$channel" = sms ]; then printf 'To: %s\n\n' "$address"; fi
    cat
} >"$here/.$tail"
mv "$here/.$tail" "$file"
find "$here" -type f -mmin +1440 -delete # a day's worth is enough to look at
echo "$file"
