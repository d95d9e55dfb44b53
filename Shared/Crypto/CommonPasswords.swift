/// Passwords and the words that passwords are made of, commonest kinds first, written from what
/// the lists of leaked passwords have in common. Folded, letters undisguised.
enum CommonPasswords {
    /// Digits and signs that may stand before and after a listed word, together.
    private static let affixMax = 6

    /// The most letters of two listed words in a row that count as listed.
    private static let pairMax = 10

    /// Whether `folded` is a listed word, or two short ones, perhaps disguised and with digits
    /// and signs around it.
    static func contains(_ folded: [Unicode.Scalar]) -> Bool {
        let isAffix = folded.map(isAffix)
        let headMax = min(affixMax, isAffix.prefix { $0 }.count)
        let tailMax = min(affixMax, isAffix.reversed().prefix { $0 }.count)
        for head in 0...headMax {
            for tail in 0...min(tailMax, affixMax - head) where head + tail < folded.count {
                let word = Array(folded[head..<(folded.count - tail)])
                guard lengths.contains(word.count) else { continue }
                let readings = [word] + LookAlikes.readings(word)
                if readings.contains(where: { isWord($0[...]) || isPair($0) }) { return true }
            }
        }
        return false
    }

    private static func isWord(_ scalars: ArraySlice<Unicode.Scalar>) -> Bool {
        var text = ""
        text.unicodeScalars.append(contentsOf: scalars)
        return words.contains(text)
    }

    private static func isPair(_ scalars: [Unicode.Scalar]) -> Bool {
        let shortest = lengths.lowerBound
        guard 2 * shortest...pairMax ~= scalars.count else { return false }
        return (shortest...(scalars.count - shortest)).contains { split in
            isWord(scalars[..<split]) && isWord(scalars[split...])
        }
    }

    private static func isAffix(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isASCII && !scalar.properties.isAlphabetic
    }

    /// Texts of up to 15 bytes take no memory beside the set's own, about 200 KB.
    private static let words = Set(
        list.split { $0 == " " || $0 == "\n" }.lazy.map(String.init))

    /// Shorter words would refuse too much.
    private static let lengths = 3...(words.map(\.unicodeScalars.count).max() ?? 3)

    private static let list = """
        password passwort passwords passwd passord wachtwoord motdepasse contrasena contraseña
        senha parola haslo heslo salasana lozinka sifre parool jelszo kennwort geheim secret
        mypassword thepassword newpassword oldpassword passwordpassword passphrase letmein
        letmeinnow openup opensesame welcome welcomeback welkom willkommen bienvenue bienvenido
        welcometo changeme changethis changeit change changepassword temporary temp temporal
        temppass initial default defaultpassword secure security secured access accessdenied admin
        administrator adminadmin root toor rootroot superuser superadmin sysadmin system manager
        operator guest user username userpass login logmein signin master mastermaster test
        testtest tester testing demo sample example training trial company office service support
        helpdesk server database oracle mysql postgres redis cisco juniper ubuntu debian linux
        windows microsoft google facebook twitter instagram linkedin youtube yahoo hotmail gmail
        amazon netflix spotify apple iphone android samsung nokia motorola huawei xiaomi lenovo
        toshiba compaq dell internet computer laptop network wireless router wifi broadband
        telephone mobile iloveyou iloveu ilovegod ilovemyself ilovehim iloveher ilovemom iloveme
        iluvu loveyou loveme lovely lover lovers love lovelove forever foreveryoung together always
        everlasting truelove mylove myloves onelove firstlove babylove babyboy babygirl baby
        sweetheart sweetie sweety honey honeybee sugar darling princess prince queen king kingdom
        angel angels heaven blessed blessing believe faith hope grace jesus jesuschrist christ
        christian church godisgood godislove god bible trustnoone trustno1 trust freedom liberty
        peace justice spirit soul heart hearts monkey monkeys dragon dragons dragonball dragonfly
        tiger tigers tigger lion lions lioness bear bears teddybear panther panthers jaguar leopard
        cheetah eagle eagles falcon falcons hawk hawks phoenix raven ravens wolf wolves wolfpack
        wolverine horse horses stallion mustang pony puppy puppies doggie doggy dog kitty kitten
        kittens hellokitty kitkat pussycat cat catdog bulldog bulldogs butterfly ladybug spider
        scorpion snake python cobra viper turtle turtles dolphin dolphins shark sharks penguin
        penguins chicken rabbit bunny rooster elephant giraffe gorilla buffalo bird birdie
        bumblebee unicorn unicorns dinosaur goldfish sunshine sunflower sunset sunrise sunny summer
        summertime winter wintertime spring springtime autumn fall january february march april may
        june july august september october november december monday tuesday wednesday thursday
        friday saturday sunday weekend today tomorrow yesterday morning midnight moonlight moon
        star stars starlight starfish shining shine rainbow rainbows thunder lightning storm cloud
        clouds snow snowman snowball snowflake snowboard fire firefly fireball flame water
        waterfall ocean river island beach mountain forest garden flower flowers daisy lily violet
        jasmine jessamine orchid lavender blossom nature earth world galaxy universe planet jupiter
        saturn mercury venus neptune pluto mars football footbal soccer baseball basketball basket
        volleyball softball hockey tennis golf golfer cricket rugby boxing wrestling swimming
        swimmer running runner cycling skateboard skater snowboarder surfer surfing fishing hunter
        hunting racing nascar formula ferrari porsche lamborghini maserati bugatti mercedes bmw
        audi volkswagen volvo toyota honda nissan mitsubishi subaru mazda hyundai chevrolet chevy
        camaro corvette ford harley harleydavidson yamaha kawasaki suzuki ducati triumph jeep truck
        trucker trucks driver arsenal chelsea liverpool manchester manutd manunited mancity everton
        tottenham newcastle celtic rangers barcelona realmadrid madrid juventus intermilan milan
        benfica porto sporting ajax feyenoord psv bayern dortmund schalke galatasaray fenerbahce
        besiktas corinthians palmeiras flamengo santos boca bocajuniors riverplate yankees redsox
        dodgers lakers steelers cowboys packers patriots raiders broncos redskins giants vikings
        seahawks chargers celtics bulls knicks spurs ronaldo messi neymar beckham zidane maradona
        rooney gerrard jordan kobe lebron shaq superman superstar supernova super superhero
        supergirl spiderman batman batgirl ironman hulk thor captain captainamerica avengers
        wonderwoman joker robin catwoman deadpool xmen starwars startrek skywalker lukeskywalker
        darthvader vader yoda chewbacca hansolo anakin jedi padawan matrix neo trinity morpheus
        gandalf frodo aragorn legolas samwise hobbit middleearth lotr harrypotter harry potter
        hogwarts hermione dumbledore voldemort gryffindor slytherin ravenclaw hufflepuff quidditch
        pokemon pikachu charizard bulbasaur squirtle naruto sasuke sakura itachi hinata goku vegeta
        dragonballz onepiece luffy sailormoon inuyasha bleach doraemon minecraft creeper roblox
        fortnite counterstrike callofduty battlefield assassin assassins warcraft worldofwarcraft
        starcraft diablo zelda link mario supermario luigi sonic tetris playstation nintendo xbox
        gamer gamers gameover games game gaming sims halo masterchief kratos godofwar
        leagueoflegends dota valorant overwatch metallica nirvana slipknot acdc ironmaiden
        blacksabbath ledzeppelin pinkfloyd beatles thebeatles rollingstones greenday linkinpark
        linkin eminem slimshady tupac biggie fiftycent rihanna beyonce shakira britney madonna
        michaeljackson elvis presley bobmarley marley coldplay u2 evanescence rammstein megadeth
        guitar guitars drummer drums piano music musical musica rock rockstar rocker rockyou rocky
        hiphop rapper dance dancer dancing singer ballet michael michelle jennifer jessica jonathan
        christopher christina christine alexander alexandra alexandria alexandre alexis elizabeth
        stephanie nicholas nicole natalie natasha victoria veronica vanessa samantha sebastian
        patricia patrick rebecca richard robert roberto ricardo fernando fernanda francisco
        francesco frances gabriel gabriela gabriella daniel daniela danielle david davidson dominic
        dominique benjamin anthony antonio antonia angela angelica angelina andrea andreas andrew
        amanda ashley austin barbara brandon brittany caroline carolina catherine kathleen
        katherine charles charlie charlotte claudia courtney cynthia dennis diana donald edward
        emily emmanuel eduardo florence franklin frederik george gloria gregory hannah heather
        isabella isabelle jackson jacqueline jeffrey jeremiah jeremy joseph joshua juliana julian
        justin katrina kenneth kimberly kristen laura lauren leonardo lorenzo lindsay madison
        marcus margaret maria mariana marie martin martina matthew mathias maxwell melanie melissa
        miguel mohamed mohammed muhammad monica morgan nathan nathaniel oliver olivia pamela
        paulina peter philip phoebe rachel raymond rodrigo ronald russell sabrina sandra santiago
        scarlett scott sharon sophia sophie steven stephen susan suzanne sylvia taylor teresa
        thomas tiffany timothy tristan valentina valentine valeria vincent virginia walter wilhelm
        william williams winston zachary johnson johnny johndoe cameron amsterdam rotterdam
        nederland holland london england britain scotland ireland paris france berlin hamburg
        germany deutschland munich vienna austria zurich switzerland spain espana lisbon portugal
        rome italia italy milano napoli athens greece istanbul turkiye turkey moscow russia ukraine
        poland polska warszawa prague praha budapest hungary romania bucharest bulgaria sofia
        serbia croatia sweden stockholm norway oslo denmark copenhagen finland helsinki america
        american canada toronto mexico brasil brazil argentina colombia chile peru venezuela
        australia sydney melbourne newzealand africa southafrica nigeria kenya egypt cairo israel
        jerusalem dubai india indian mumbai delhi pakistan karachi bangladesh indonesia jakarta
        malaysia singapore thailand bangkok vietnam philippines manila china chinese beijing
        shanghai hongkong taiwan korea japan japanese tokyo newyork newyorkcity manhattan brooklyn
        chicago boston losangeles california hollywood sanfrancisco sandiego lasvegas vegas texas
        dallas houston florida miami orlando atlanta georgia washington seattle denver colorado
        arizona montana hawaii alaska cookie cookies chocolate chocolat cheese cheesecake pizza
        burger hamburger hotdog bacon banana bananas orange oranges strawberry blueberry blackberry
        cherry peaches peach apples pineapple watermelon lemon coconut mango pepper peppers ginger
        cinnamon vanilla caramel butter peanut peanutbutter popcorn pancake pudding cupcake candy
        lollipop bubblegum coffee cappuccino starbucks cocacola pepsi whiskey whisky vodka tequila
        beer guinness heineken budweiser corona marlboro smoke smoking ganja marijuana cannabis
        weed purple yellow silver golden gold diamond diamonds crystal emerald sapphire ruby pearl
        scarlet crimson black blackcat blackjack blackwhite white whitney green blue bluebird
        bluesky redrum redhead pink pinky brown fuckyou fuckoff fuckme fucker motherfucker bullshit
        asshole bitch bastard sexy sexygirl sexyboy sex playboy hottie hacker hackers hackme killer
        killers killme ninja samurai warrior warriors soldier army navy marine marines airforce
        airborne sniper shooter gunner commando general major colonel sergeant police policeman
        fireman firefighter doctor nurse teacher student students school college university science
        physics chemistry mathematics engineer lawyer pilot sailor whatever nothing something
        anything everything everyone nobody somebody idontknow dontknow dontforget forgetme
        forgotten remember rememberme forget iforgot nopassword nopass none null undefined unknown
        hello hellohello helloworld hola bonjour goodbye goodmorning goodluck goodnight good lucky
        luckyme luckydog happy happiness happyday happybirthday birthday christmas xmas halloween
        easter newyear holiday holidays vacation party crazy stupid idiot loser winner winners
        success champion champions victory legend legends legendary hero heroes money moneymoney
        mymoney cash dollar dollars euro million millionaire billion rich richman bitcoin crypto
        ethereum business boss bigboss thebest best numberone perfect awesome amazing fantastic
        wonderful beautiful gorgeous pretty sweet cool coolguy coolgirl cooldude fresh simple
        simpleplan easy qwertyuiop asdfghjkl zxcvbnm qwerty qwert asdf asdfgh zxcv azerty qazwsx
        qwaszx asdasd zxczxc qweqwe poiuytrewq lkjhgfdsa mnbvcxz abc abcd abcdef abcabc a1b2c3
        a1b2c3d4 1q2w3e 1q2w3e4r q1w2e3r4 zaq1zaq1 zaq12wsx xsw2zaq1 1qaz2wsx qwe123 asd123 zxc123
        aaa111 123abc 123qwe pass passpass p455w0rd ncc1701 ncc1701d ncc1701e thx1138 bond007
        jamesbond 8675309 5201314 31415926 4815162342 11235813 1123581321 24681012 12131415
        10111213 25251325 woaini 520520 1314520 wodemima mima dearbook computadora estrella
        tequiero teamo teamomucho mivida amor amorcito princesa corazon bonita hermosa mariposa
        futbol guadalupe familia family bebe hallo schatz schatzi fussball liebe sommer borussia
        soleil doudou loulou chouchou marseille coucou jetaime nicolas camille azertyuiop ciao
        ciaociao amore amoremio francesca giuseppe alessandro alessia federica bella ciccio gfhjkm
        ghbdtn qwertyu privet parol marina vladimir sergey dmitriy aleksandr nastya bismillah allah
        allahuakbar sayang sayangku cinta anjing inshallah mashallah iloveallah
        correcthorsebatterystaple correcthorse batterystaple thequickbrownfox maytheforcebewithyou
        tobeornottobe iamtheboss iamthebest iamlegend ihateyou ihatethis ihateu letsgo
        letmeinplease passwordispassword thisismypassword thisisapassword mypasswordis mysecret
        mysecretpassword donttellanyone yourpassword yourmom yourmama notmypassword somepassword
        anypassword enteryourpassword typepasswordhere passwordforthis winteriscoming illuminati
        gobucks rolltide goblue skyline everyday butterflies cheerleader cheerleaders gangster
        gangsta pimp pimpin bigdaddy bigmac bigdog topgun maverick goose iceman scooter scooby
        scoobydoo snoopy garfield mickey mickeymouse minnie minniemouse donaldduck daffyduck
        bugsbunny tweety tweetybird simpson simpsons homer homersimpson bart bartsimpson southpark
        cartman kenny spongebob squarepants patrickstar shrek nemo findingnemo simba lionking pooh
        winnie winniethepooh tinkerbell cinderella barbie ariel mulan stitch lilo buster bailey
        shadow smokey max maxmax rex sam sammy samson sandy molly maggie rusty oscar toby jasper
        casper cooper jake duke bandit boomer precious pebbles patches oreo misty muffin pumpkin
        pookie poohbear snickers snuggles sparky aaron abdul abdullah abigail adam adrian adriana
        agnes ahmed aidan alan albert alberto alejandra alejandro alessandra alex alfred alfredo
        ali alice alicia alina alison allison alyssa amber amelia amy ana anastasia anders anderson
        andre angelo angie anita anna annabelle anne annette annie anton antonella ariana arthur
        arturo ashleigh ashlee ashton audrey aurora ava bethany betty beatrice becky ben bernard
        bertha beth bianca bill billy bjorn blake bob bobby bonnie brad bradley brandi brandy
        brenda brendan brent brett brian brianna bridget brittney brooke bruce bruno bryan bryce
        caitlin caleb calvin camila campbell carl carla carlos carmen carol carole carrie carter
        cassandra cassidy cassie catalina cathy cecilia cedric celine cesar chad chandler chantal
        charlene chase chester cheyenne chloe chris chrissy christa christophe cindy claire clara
        clarence clark claude clifford clinton cody colin colleen connie connor conrad corey craig
        cristian cristiano cristina curtis dakota dale damian damien dan dana danny darius darlene
        darren dave dawn dean deborah debbie denise derek derrick desiree devin diane diego dieter
        dimitri dmitry dolores domenico don donna doris dorothy doug douglas drew duncan dustin
        dylan earl eddie edgar edith edwin eileen ekaterina elaine elena eleonora eleanor elias
        elijah elisa elisabeth ella ellen emil emilia emilio emma enrique eric erica erich erik
        erika erin ernest ernesto esmeralda esther ethan eugene eva evan eve evelyn fabian fabio
        fatima federico felicia felipe felix fiona francis franco francois frank frankie franz fred
        freddie freddy frederic friedrich fritz gabriele gail garrett gary gavin gemma gene
        geoffrey georgina gerald geraldine gerard gianluca gilbert gina giorgio giovanna giovanni
        gisele gladys glenn gonzalez gordon graham grant greg gregor greta guido guillaume
        guillermo gunther gustav gustavo guy haley hamilton hans harold harriet harrison harvey
        hassan hayley hector helen helena helga henri henry herbert herman hernandez hilary holly
        howard hubert hugh hugo ian ibrahim ida ignacio igor ilona ingrid irene irina iris isaac
        isabel ivan ivana jack jackie jacob jacques jaime james jamie jan jane janet janice janine
        jared jason javier jay jean jeanette jeff jefferson jenna jenny jerome jerry jesse jessie
        jill jim jimmy joan joanna joao jocelyn jodie joe joel joey johan johanna johannes john jon
        jonas jorge jose josef josefina josephine josh juan judith judy jules julia julie juliet
        juliette julio julius jurgen justine kaitlyn karen karim karin karina karl karla karolina
        kate katerina katie kathy kayla kayleigh keith kelly kelsey ken kerry kevin kim kirk
        kirsten klaus kristin kristina kristine kurt kyle lance larissa larry lars latoya lawrence
        lea leah lee leila leon leonard leroy leslie lewis liam liliana linda lindsey lisa liz
        lloyd logan lois lola lopez lorraine louis louisa louise lourdes luca lucas lucia luciana
        lucie lucy luis luisa luke luna lydia lynn mackenzie magdalena malcolm mandy manuel marc
        marcel marcela marcelo marco margarita marge margot mariah marian marianne marianna mariano
        marilyn marissa mark markus marlene marlon marshall martha martinez marvin mary mason
        massimo mathilde mathieu matilda matt maureen maurice mauricio mauro maximus maya megan
        mehmet mia mick micheal mike mikhail milena miles millie mindy miranda mitchell mohammad
        moises mona monique morris morrison murray mustafa mya myriam nadia nadine nancy nano naomi
        nate neil nelson nico nicola nicoletta nigel nikita nikki nina noah noel nora norma norman
        octavia olga omar otto owen pablo paige paola paolo pascal patience patty paul paula
        pauline pedro peggy penelope penny perry pete petra phil philippe phillip pierre polly
        preston priscilla rafael rahul raj ralph ramon ramona randy raul ray reggie regina rene
        renee rhonda rick ricky rita rob robbie robinson rochelle rodney rodriguez roger roland
        roman romeo ron ronnie rosa rosalie rosario rose rosemary ross roxanne roy ruben rudy
        rudolf russ ruth ryan sabine sally salvador salvatore sanchez sara sarah sasha saul sean
        sebastien sergei sergio seth shane shannon shaun shawn sheila shelby shelly sherry shirley
        sierra silvia simon simone skyler sonia sonja spencer stacey stacy stan stanislav stanley
        stefan stefania stefanie stefano stella stephan stephane steve stewart stuart sue susanna
        susanne suzie svetlana sven tabitha tamara tammy tania tanya tara ted terence terry theo
        theodore theresa thierry tim tina tito todd tom tommy toni tony tracey tracy travis trevor
        tricia troy tyler tyrone ursula valerie vera vicky victor vince vincenzo viktor viktoria
        viola vivian vladislav wade wanda warren wayne wendy wesley will willie willy wilson
        wolfgang xavier yolanda yvonne yvette zach zoe smith jones davis miller moore garcia nguyen
        khan singh kumar patel kaur myspace friend friends friendship friendster bestfriend bebo
        tumblr skype vkontakte odnoklassniki yandex mailru baidu alibaba taobao wechat weibo tiktok
        snapchat whatsapp telegram wikipedia paypal ebay visa mastercard logitech panasonic sony
        philips siemens bosch ericsson vodafone verizon tmobile gateway pavilion presario thinkpad
        inspiron viewsonic syncmaster keyboard mouse monitor printer scanner laser digital megabyte
        gigabyte download upload install setup upgrade backup restore update reset recovery
        backspace delete escape enter control shift return insert program programmer developer
        software hardware website webmaster email mailbox online offline stargate atlantis
        enterprise babylon excalibur merlin lancelot avalon camelot sherlock holmes watson poirot
        columbo mulder scully xfiles smallville terminator predator alien aliens robocop rambo
        gladiator spartan spartans spartacus hercules achilles odysseus zeus apollo hermes athena
        poseidon hades thanatos nemesis medusa pegasus centaur cyclops titan titans titanic olympus
        odin loki ragnarok valhalla viking valkyrie dracula vampire vampires werewolf zombie
        zombies ghost ghosts skeleton monster monsters demon demons devil satan lucifer inferno
        hell hellfire hellboy darkness darkside darkangel darkstar shadows nightmare nightwish
        twilight eclipse newmoon breakingdawn cullen bubbles bubba bubbly buddy buddha buttercup
        butthead babydoll babyface babyblue babyboo babygurl babycakes bettyboop blondie boobies
        boobie boogie booboo cutie cutiepie cuddles cupid carebear dreamer dream dreams dreaming
        dreamland destiny fate fortune diva dollface doll eternity eternal infinity infinite
        serenity harmony melody symphony rhapsody lullaby paradise heavenly angelic divine fairy
        fairytale mermaid goddess magic magical magician wizard witch sorcerer warlock paladin
        ranger rogue knight knights archer thief mage druid necromancer orc elf elves dwarf goblin
        troll sauron mordor rivendell isildur runescape lineage everquest guildwars gta sanandreas
        vicecity carmageddon needforspeed quake doom halflife unreal tekken mortalkombat
        streetfighter finalfantasy sephiroth tifa squall chrono metroid megaman crash
        crashbandicoot spyro kirby yoshi bowser donkeykong pacman asteroids zeppelin pantera
        deftones disturbed paramore tokiohotel mychemical romance radiohead pearljam soundgarden
        aerosmith bonjovi kiss poison motley slayer sepultura korn godsmack sublime offspring
        ramones clash sexpistols thecure depeche depechemode oasis blur muse westlife backstreet
        backstreetboys nsync onedirection jonasbrothers justinbieber bieber lilwayne usher nelly
        chrisbrown ladygaga katyperry taylorswift mileycyrus hannahmontana selena selenagomez demi
        britneyspears xtina pinkrock punk punkrock emo goth metal metalhead deathmetal heavy
        heavymetal blues jazz reggae techno trance house electro disco salsa tango flamenco samba
        vampiro juggalo icp insane insanity chaos anarchy revolution revolver rebel rebels rebelde
        outlaw outlaws renegade bandido thug thuglife westside eastside southside northside ghetto
        hustler hustle baller ballin player players playa pimpdaddy daddy daddysgirl mommy mama
        mamapapa mamamia papa papamama mom mother father dad parents grandma grandpa granny sister
        sisters brother brothers uncle auntie aunt cousin children child kids kid girl girls boy
        boys woman women man men lady ladies gentleman sir madam mister husband wife wifey married
        marriage wedding single bachelor divorce soulmate lovebug loverboy lovergirl lovelife
        lovehate lovehurts lovesick loveless loveable loving lovingyou inlove ilove imissyou
        missyou kisses kissme kissmyass hug hugs bestfriends bff goodboy goodgirl badboy badgirl
        bad naughty nice sexylady sexymama sexyback hotgirl hotboy hotstuff handsome prettygirl
        prettyboy trouble troubles danger dangerous crazygirl crazyboy psycho maniac madman mad
        lunatic weird strange stranger freak freaky geek nerd dork dumb dumbass jackass smartass
        badass shit shithead dickhead crap damn damnit suck sucks sucker yousuck lame noob pwned
        leet haha hahaha lol lmao rofl omg wtf blah blahblah bla blabla wow yes yesyes no nono okay
        okok maybe never nevermind ever every once icecream jellybean jelly jellyfish lollypop
        marshmallow brownie brownies doughnut donut bagel bread toast sandwich taco tacos tacobell
        burrito nachos pickle pickles tomato potato onion garlic carrot cabbage spinach lettuce
        broccoli mushroom mushrooms applepie cherries grapes grape lime melon kiwi papaya plum pear
        apricot raspberry cranberry milk milkshake juice soda drpepper mountaindew dietcoke redbull
        monsterenergy budlight jackdaniels captainmorgan absolut smirnoff bacardi wine champagne
        tea chai espresso mocha latte hershey hersheys skittles mms twix snicker reeses nutella
        cadbury nestle hotwheels lego playdoh alligator crocodile anaconda anteater antelope baboon
        badger bat beaver bee bluejay bluefish bobcat bull camel canary cardinal caribou catfish
        chimp chipmunk clown clowns cougar cow cowboy cowgirl coyote crab crow deer donkey dove
        duck ducks ducky eel elk ferret firebird fish fishes flamingo fox foxes foxy frog froggy
        froggie frogs gazelle gecko goat gopher greyhound grizzly hamster hedgehog hippo hornet
        hornets hound husky huskies hyena iguana kangaroo koala labrador ladybird lamb lemur lizard
        lobster longhorn longhorns magpie mammoth meerkat mole mongoose moose mosquito moth octopus
        opossum ostrich otter owl ox oyster panda pandas parrot peacock pelican pig piggy piglet
        pigeon piranha pitbull platypus polarbear poodle porcupine possum puma pug quail raccoon
        ram rams rat rats reindeer rhino salmon seahorse seal sealion sheep shrimp skunk sloth
        snail sparrow spaniel spitfire squid squirrel starling stork swan swordfish tarantula
        terrier toad toucan trout tuna vulture walrus wasp weasel whale wildcat wildcats wombat
        woodpecker worm yak zebra doberman rottweiler dachshund chihuahua beagle boxer collie
        retriever dalmatian mastiff corgi schnauzer able academy action active actor adult
        adventure agent airplane airport album alcatraz alchemy alone alpha alphabet amateur
        ambition anchor ancient andromeda animal animals answer antique aquarius aries armor arrow
        art artist ass atlas atom attack attitude author average babe back bag bagpipes balance
        ball ballerina balloon bamboo bank bar base basic beads beast beauty bed bell belle big
        bigfoot bike biker billabong binary bingo biology bishop blade blaster blaze blind blink
        blitz blizzard block blonde blood bloody bloom blow blueeyes bluemoon boat body bollocks
        bomb bone bones bonus book books boots border bottle bounce bouncer bowling box brain
        brains brave braves break breeze brewer brick bridge bright bronze broken bubble buck
        bucket buckeye buckeyes buffy bug build builder bulldozer bullet bunker burn burning bus
        bush button buttons buzz cable cactus cadillac cake calendar call camera camp candle cannon
        canyon capital capricorn cancer gemini leo virgo libra scorpio sagittarius pisces taurus
        car card cards career carnival carpediem carpenter carpet cars cartoon casanova casablanca
        cashmoney casino castle catch celebrity cellphone center central century ceramic chain
        challenge chance changes chanel channel chapter charge charger charity charm charmed
        cheater check cheers chef chemical chess chevelle chicks chief chill chopper chosen chrome
        chronic cigar cinema circle circus city civic class classic clean cleopatra clever climber
        clock clover club cobalt cocaine cocoa code coin color colors comet comfort comic command
        community concert concrete condor connect connection contact cooking copper coral core
        corner cosmic cosmos cotton counter country courage cover cracker craft creation creative
        creator credit crusader cross crown cruise cruiser crush cube culture cup curious curly
        current cyber cyberpunk cyclone cypress dagger damage dark data date death deathnote deep
        defender defense delight delta denim desert design designer desire desperado destroy
        destroyer detective detroit deuce devils dice diesel dinner diplomat direct dirt dirtbike
        dirty discover discovery distance dixie dodge dogs doghouse doggies dome domino door double
        down downtown dresden drive dublin duchess dude dungeon dynamic dynamite dynasty earthquake
        east echo economy eden edge education eight einstein electric electronic element elite
        embrace emotion empire empress end enemy energy engine enigma entropy epic epsilon equinox
        erotic essence estate esperanza europa europe evil evolution exodus exotic expert explorer
        explosion express extra extreme eyes fabulous face factory fairlane fallen falling fallout
        false fame famous fan fantasy farm farmer fashion fast fat favorite fear feather feeling
        felicity fender fever field fiesta fight fighter film final finance finder fine finger
        firewall first fitness five flash flex flight flip floor flow fluffy fly flyer flyers
        flying focus fool force forces foreigner fortress forty fountain four fractal freefall
        freelance freestyle freeway freeze frenchy front frost frosty frozen fruit fuck fun
        function funky funny funtime furious fusion future fuzzy galactic galileo gallery gambler
        gamma gang gas gate gazette genesis genius gentle geronimo giant gift giggles girlfriend
        girlpower girly glamour glass glitter global glory glow goal godbless godfather godzilla
        goldberg goldeneye goldie goldstar gone goodlife gospel graduate graffiti grand graphic
        gravity gray great grey griffin grizzlies groove group guardian guitarist gun guns guru
        gypsy habibi hair half hammer hand handball handy harbor hard hate hatred haven havoc
        hawkeye haze head health heartbreak heartless heat help here heritage hidden high
        highlander highland highlife highway hill hillbilly hip history hit hitman hollister hollow
        home homeboy homeless homework honor hopeful horizon hospital hot hotel hotrod hottest
        hotshot huge human humble humor hundred hunger hurricane hybrid hydrogen hyper ice iceberg
        icecold icehouse icon ideal idea illusion image imagination imagine immortal impact impala
        imperial important impossible impulse independent indigo indie industry infantry infected
        information inside insight inspire integra intelligence intense internal international
        intrepid invest invincible invisible iron jade janitor jazzy jeans jersey jester jet jewel
        jewels jingle job jobs jobsearch journal journey joy joyful judge juicy jumbo jump jumper
        jumpman jungle junior just justdoit karate kickass kicker kickflip killa killbill kinder
        kinetic kingkong kings kingston kitchen kite knife knowledge kungfu laguna lake land
        landscape language lasalle last latin laugh laughing laughter law leader league leather
        lefty legacy legal leprechaun letter level liberal libertad library life lifestyle light
        lighter lighthouse lights limit limited lincoln line lingerie liquid list listen literature
        little littleman live living lizzy local lock loco lonely lonestar long look lord lost
        lotus loud lounge low loyal loyalty lunch lust luxury machine macintosh madness magenta
        magnet magnetic magnolia magnum mail main majestic majesty maker makeup malibu mandarin
        mania maple marathon marble margin market marketing mask mastermind masters material math
        matter maximum mayday mayhem maze meadow meat medal media medical medicine mega member
        memory memories mental mercy message messenger meteor method metro metropolis mexican
        michigan microlab micro midget mighty military milkyway mind mine mini minimum miracle
        mirage mirror mission mississippi mistake mix mixer mode model modern mohawk mojo moment
        monalisa monopoly monroe monsoon monte montreal mood moonbeam moonshine mortgage motion
        motocross motor motorbike motorcycle move movie movies murder muscle museum musicman
        mystery mystic myth mythology nails name napoleon narnia nation national native natural
        naval navigator nebula needle neon neutral nevada newlife newman newport news newton next
        night nightfall nighthawk nightingale nights nine noble noise nomad normal north northern
        note notebook nova novel nuclear nuggets number numbers nut nutmeg nuts oak oakland obelix
        oblivion observer obsession ocelot odyssey ohio oil oklahoma olive olympic olympia omega
        one open opera operation opinion optimus option orbit orchard order oregon oriental
        original orion osiris outdoor outside oxford oxygen ozone pacific pack package paint
        paintball painter palace palm pandora panic panzer papillon paper paradox paragon parade
        park parker parking part partner passat passion passport past pathfinder patient patriot
        pavement pebble pencil pentagon pentium people perfection perfume personal phantom phantasy
        phone photo photography photos philosophy picasso pickup picture pictures pilgrim pinball
        pingpong pioneer pirate pirates pistol pistons pitcher plastic platinum play playball
        playground playtime please pleasure plumber plymouth pocket poetry poker polar politics
        polo pool poop poopoo poopy pope popular porkchop portable portal postal postman poster
        pothead power powerful powers prayer preacher premier premium present president press
        prestige pretender price pride priest prime primrose princesse prison private prodigy
        product production professional professor profile profit project promise prophet prospect
        prosper protect protection proud prowler psalm public pulsar pulse punisher puppet pure
        pyramid quality quantum quarter quasar quebec quest question quick quiet quiksilver race
        racecar racer racerx radar radiant radical radio rage raider railroad rain rainy raptor
        rascal rasta rastaman rather rattle razor reader reading ready real reality reason record
        red redbird redbone redeemer redfish redhot redlight redline redneck redrose redwing
        redwings redwood reflex regal regional release reload religion renault republic research
        resident rescue respect rest restaurant retard revenge reverse reward rhythm ribbon ride
        rider riders right ring ringo riot ripper road roadkill roadrunner roadking robot robotics
        rocket rockets rockhard rocknroll rodeo roller rolling romantic ronin rosebud roses rosie
        rough round route rover royal royals royalty rubber ruin rules run runaway rush saber sabre
        sabres sacred sad sadness safari safe safety sahara sail sailing saint saints salem
        salvation sand sandman santa santana saskia satellite satisfy savage savannah save savior
        saxophone scarface scarecrow scary scheme schmidt scissors scout scrapper scrappy scratch
        screen screw scruffy search season secrets select semperfi senator senior sense sentinel
        sentinal serious serpent seven shade shalom shaman shamrock shanti sharp sharpie shelter
        shepherd ship shock shoe shoes shop shopping short shorty shot shotgun shovel show shower
        shutdown shy sick sigma signal silence silent silicon silk silly simplicity sinner siren
        six sixteen skate skate4life skeeter skidoo skinny skippy skipper skull sky skylar slacker
        slam slap slave sleep sleepy slick slide slim slinky slowhand slugger smart smile smiles
        smiley smiling smokes smokin smooth smoothie sneaky snoop snoopdogg social socks sofa soft
        solid solitaire solitude solo solomon solution sound source south southern southpaw space
        spaceman spanky sparkle sparkles speaker spears special spectrum speed speedo speedracer
        speedy spell spice spike spikes splash spoon sport sports springs sprite sprinter spy
        square squirt stable stage staind stalker stamp stand standard stardust stark starter state
        states station stealth steam steel stereo sterling stick sticky sting stinger stinky stock
        stocks stone stoned stones stonecold stop storage store stormy story strat strategy straw
        stream street streets strength stress strike striker string stripper strong struggle studio
        stuff stunt style submarine subway suicide suicidal summit sun sundance sunlight superb
        superfly superior supersonic supreme surf survivor suspect sweetness sweetpea sweets swift
        swim swing sword swords symbol synergy table tackle taekwondo talent talisman talk tanker
        tapestry target tarheel tarheels tarzan tattoo taxi tazmania team teamwork tech technical
        technics technology teddy teen teenager teeth telecom television temple tempest temptation
        ten termite terra terror terrorist testament thankyou thanks thanksgiving theater theatre
        thegame theking theman themaster theone therapy therock thing things think thinking third
        thirteen thirty thistle thousand three threshold thumper thunderbird thunderbolt tickle
        tide tigerlily tight timber time timeless timeout timer tinker tiny titanium toaster
        tobacco token tomcat tool tools toonarmy topaz topcat topsecret tornado torpedo torres
        total touch touchdown tough tourist tower town toys track tractor trade trader trading
        tradition traffic trail trailer train trainer transam transfer transformer transformers
        transit transport trapper trash travel traveler traveller treasure tree treefrog trees trek
        trend triangle tribal tribe trick trickster trigger trip triple trixie trombone trooper
        tropical trumpet truth tsunami tucker tulip tundra tunnel turbo tuscany tuxedo twelve
        twenty twin twins twist twister two typhoon typical ultimate ultra umbrella underground
        undertaker underworld union unique unity universal unix unlimited unlock untitled uptown
        urban usa useless usmarine utopia valencia valentin valentino valiant valley value vanguard
        vanity vector velocity velvet vendetta venice venom ventura verbatim verona vertigo vicious
        victorious video view village villain vintage vinyl violin vip virtual virtue virus vision
        visitor visual vital viva vivid vixen voice volcano volcom voltage volume volunteer voodoo
        vortex voyager wagon walker walking wall wallace wallpaper walnut waves wanderer wanted war
        warhammer warlord warp wars wash wasser watch watcher watching wave wax wealth weapon
        weather web weezer wealthy werder west western wet wheel wheels whiskers whisper whistle
        whiteboy whitegirl whitehouse who wicked wide widget wild wildfire wildflower wildlife
        wildman wildwood willow wind window windmill wing wingman wings wink wipeout wisdom wise
        wish wishbone wishes wolfman wonder wonderboy wonderland wood woods woody woodland wooden
        word wordpass words work worker working worldcup worldwide worship wrangler wrench wrestle
        wrestler writer writing wrong yankee year years young youngmoney youth yoyo yummy zealot
        zenith zero zigzag zimbabwe zodiac zone zoom drowssap abracadabra alakazam hocuspocus
        sesame thankgod jesusislord jesusloves jesusistheway iloveyoumom iloveyoubaby ilovemyfamily
        ilovejesus ilovemymom ilovemydad ilovemusic iloveit ilovemykids justme itsme onlyme callme
        trustme catchme loveforever foreverlove foreveralone oneforall allforone fktrcfylh
        fktrcfylhf cjkysirj yfnfif vfrcbv vfhbyf dkflbvbh fyfcnfcbz rhbcnbyf cdtnkfyf trfnthbyf
        ktyxbr dbrnjhbz fylhtq lbvf pfqxbr kjgjnm marusya zaichik kotenok solnce solnyshko lubov
        lubimaya qazxsw edcrfv wsxedc rfvtgb tgbyhn yhnujm passer mahalkita mahalko anhyeuem
        matkhau mudar123 senhas nosequeponer contrasenia clave claves telechargement doudoune minou
        nounours schnecke mausi hase hasi engel engelchen sonne sonnenschein regenbogen blume
        drache fuchs kartoffel arschloch scheisse ficken vaffanculo cazzo tesoro gattino stellina
        farfalla ilovedance omsairam jaimatadi krishna ganesh shiva ganesha hanuman saibaba
        waheguru jaihind bharat omnamahshivaya wangyut xiaoming zhang zhangwei wang liwei woaiwojia
        tianya qiang caonima letmesee letmego letmeout keepout stayout goaway gotohell whocares
        whoknows whoami guesswho guessme guess surprise noidea ilikepie ilikecheese ilikeyou
        iamcool iamgod iamhappy iamawesome imcool imthebest comein comeon getout getmoney getlost
        getsome gethigh givemelove gofish gohome gobears gobroncos veronika nathalie gabrielle
        madeline lacrosse hardcore jamaica alabama illinois cherokee aaliyah johncena ronaldinho
        freckles munchkin sandrine michaela priyanka trinidad richmond laurence toulouse faithful
        agnieszka thompson gonzales fernandez socrates brucelee converse rootbeer evangelion
        familyguy brigitte angelika komputer freebird register daredevil smackdown akatsuki
        sylvester rachelle delphine milagros virginie amandine marjorie abhishek riccardo kennedy
        batista sampson blackie indiana calimero castillo natalia michele krystal kat sk8 sk8ter
        skater8 mamma myfamily mykids mygirls myboys peterpan golfcourse bearshare boricua classof
        allstar interests stoner lowrider nuttertools motherlode makaveli carlitos angelito
        jesucristo felicidade romashka teiubesc caramelo godisgreat testpass hunter2 polniypizdec
        """
}
